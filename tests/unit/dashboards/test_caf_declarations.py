"""A declaration before it is sent: what it is compared with first, and the euros of a period that is over."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dashboards.viewmodels import caf_declarations as view
from dashboards.viewmodels import caf_opening as opening
from dashboards.viewmodels import caf_year as year_view
from domain.caf_declarations import ACTUAL, FORECAST, JUNE, SEPTEMBER, About, Figure, last_finished
from records.operations.declarations import DeclarationSeen
from warehouse.reader import FigureChildRow

HOURS = Figure("alsh_peri", 101, "hours", Decimal("20.5000"), "hours")
AMOUNT = Figure("result", 206, "pso_periscolaire_amount", Decimal("12.3000"), "euros")
REFUSED = Figure("result", 209, "pso_periscolaire_inclusive_amount", None, "euros", "accounts_missing 2026 jan_sep")


def frozen(year: int, version: str) -> DeclarationSeen:
    """Return a declaration frozen for a year."""
    return DeclarationSeen(About("tilleuls", year, version, 1, "etat"), (HOURS,), (), "", 0, "Claire")


@pytest.mark.parametrize(
    ("today", "version"),
    [
        (date(2026, 6, 30), None),
        (date(2026, 7, 1), JUNE),
        (date(2026, 9, 30), JUNE),
        (date(2026, 10, 1), SEPTEMBER),
        (date(2026, 12, 31), SEPTEMBER),
        (date(2027, 1, 1), ACTUAL),
        (date(2025, 12, 31), None),
    ],
)
def test_euros_are_of_the_longest_part_of_the_year_that_is_over(today: date, version: str | None) -> None:
    assert last_finished(2026, today) == version


def test_figures_are_compared_first_with_their_own_version() -> None:
    known = [frozen(2025, ACTUAL), frozen(2026, JUNE), frozen(2026, FORECAST)]
    keys = ["0", "1", "2", "annee-precedente"]
    assert view.compared_first(known, (2026, JUNE), keys) == "1"
    assert view.compared_first(known, (2026, ACTUAL), keys) == "0"
    assert view.compared_first(known, (2026, SEPTEMBER), keys) == "2"
    assert view.compared_first([], (2026, SEPTEMBER), keys[3:]) == "annee-precedente"


def test_versions_of_other_months_are_told_apart() -> None:
    assert view.other_period_note(frozen(2025, ACTUAL), FORECAST) == ""
    assert "de janvier à juin" in view.other_period_note(frozen(2026, JUNE), ACTUAL)


def test_forecast_says_how_much_of_the_year_before_is_known_and_which_lines_are_new() -> None:
    def said(figures: list[Figure], today: date) -> str:
        return view.forecast_start(figures, 2027, today).replace("\u00a0", " ")

    new = replace(HOURS, code="aeeh_children", value=None, fault="last_year_unknown 2026")
    assert said([HOURS], date(2027, 1, 20)).startswith("Ces lignes sont celles de 2026 : saisissez")
    assert "celles de 2026 jusqu'au 20/12/2026 seulement" in said([HOURS], date(2026, 12, 20))
    assert "1 est nouvelle et se saisit entièrement" in said([HOURS, new], date(2027, 1, 20))
    assert said([new], date(2027, 1, 20)).startswith("Rien n'est connu de 2026")


def test_amounts_of_a_period_are_told_with_why_one_is_refused() -> None:
    assert year_view.owed_title(SEPTEMBER, 2026) == "Ce que la CAF doit, de janvier à septembre 2026"
    assert year_view.owed_title(ACTUAL, 2025) == "Ce que la CAF doit, année 2025"
    rows = year_view.owed_table([HOURS, AMOUNT, REFUSED]).rows
    assert [row[1] for row in rows] == ["12,30\u00a0€", "–"]
    assert len(year_view.owed_refusals([HOURS, AMOUNT, REFUSED, REFUSED])) == 1


def test_line_opens_where_children_make_it() -> None:
    offered = replace(HOURS, block="eaje_activity", code="capacity_hours")
    nobody = replace(HOURS, code="hours_msa", value=Decimal(0))
    lines = [HOURS, offered, nobody, AMOUNT]
    assert set(opening.openable(lines)) == {"alsh_peri.hours", offered.key, AMOUNT.key}
    assert set(opening.openable(lines, with_children=False)) == {offered.key, AMOUNT.key}
    assert [row[0] for row in opening.made_of(AMOUNT, [HOURS, AMOUNT]).rows] == ["Heures"]
    rate = Figure("eaje_activity", 401, "occupancy_realised", Decimal(50), "percent")
    realised = replace(HOURS, block="eaje_activity", code="realised_hours")
    rows = opening.made_of(rate, [realised, offered, rate]).rows
    assert [row[0] for row in rows] == ["Heures réalisées", "Capacité théorique en heures"]


def test_children_of_a_line_add_up_to_it() -> None:
    rows = [
        FigureChildRow("lea", "Léa", "Fournier", 3, Decimal(600)),
        FigureChildRow("noe", "Noé", "B", 2, Decimal(630)),
    ]
    assert opening.children_table(HOURS, rows).totals == ("Total", 5, Decimal("20.50"))
    assert opening.sentence(HOURS, rows).replace("\u00a0", " ") == "**20,50 h** : 2 enfants, 5 journées."
