"""The CAF balance as staff read it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashboards.viewmodels import caf as view
from domain.french import NBSP
from warehouse.reader import CafHoursRow


def hours(value: str, **changes: Any) -> CafHoursRow:
    facts: dict[str, Any] = {
        "structure_ref": "tilleuls",
        "structure_label": "Les Tilleuls",
        "service_ref": "garderie-soir",
        "service_label": "Garderie du soir",
        "caf_kind": "periscolaire_evening",
        "month": date(2026, 11, 1),
        "period": "periscolaire_day",
        "age_group": "from_6",
        "regime_group": "RG",
        "is_aeeh": False,
        "children": 3,
        "child_days": 12,
        "derived_child_days": 0,
        "minutes": int(Decimal(value) * 60),
        "hours": Decimal(value),
        "held_child_days": 0,
        "held_hours": Decimal(0),
    }
    return CafHoursRow(**{**facts, **changes})


ROWS = [
    hours("120.50"),
    hours("40.25", age_group="under_6"),
    hours("10.00", regime_group="MSA", month=date(2026, 10, 1)),
    hours("300.00", service_label="Mercredi"),
]


def test_total_is_exact() -> None:
    assert view.total_hours([hours("0.10")] * 3) == Decimal("0.30")


def test_detail_never_adds_up_children() -> None:
    table = view.detail_table(ROWS)
    assert table.totals == ("Total", *[""] * 7, 48, Decimal("470.75"))
    assert table.rows[0][:7] == (
        "Octobre 2026", "Garderie du soir", "Les Tilleuls", "Jours d'école", "6 ans et plus", "MSA", "",
    )  # fmt: skip


def test_detail_tells_hours_of_children_with_aeeh_and_of_each_period_apart() -> None:
    table = view.detail_table([hours("2.00"), hours("3.00", is_aeeh=True), hours("4.00", period="wednesday")])
    assert [(row[3], row[6]) for row in table.rows] == [
        ("Jours d'école", ""), ("Jours d'école", "AEEH"), ("Mercredis", ""),
    ]  # fmt: skip


def test_services_are_split_by_age_and_by_regime() -> None:
    table = view.service_table(ROWS)
    assert table.columns == ("Service", "Moins de 6 ans", "6 ans et plus", "Régime général", "MSA", "Heures")
    assert table.rows[0] == (
        "Garderie du soir",
        Decimal("40.25"),
        Decimal("130.50"),
        Decimal("160.75"),
        Decimal("10.00"),
        Decimal("170.75"),
    )
    assert table.totals[-1] == Decimal("470.75")


def test_title_names_the_service_that_weighs_most() -> None:
    assert view.chart_title(ROWS).replace(NBSP, " ") == "Mercredi : 64 % des heures"
    assert view.chart_title([]) == "Aucune heure sur cette période"


def test_subtitle_gives_place_and_period() -> None:
    assert view.chart_subtitle(ROWS, "Toutes les structures").startswith(
        "Toutes les structures, octobre 2026 à novembre 2026."
    )


def test_bars_follow_the_calendar_over_a_new_year() -> None:
    rows = [hours("1.00", month=date(2027, 1, 1)), hours("2.00", month=date(2026, 12, 1))]
    assert list(view.month_labels(rows).values()) == ["déc.", "janv."]
    assert [(bar.month, bar.hours) for bar in view.bars(rows)["Garderie du soir"]] == [
        ("2026-12-01", 2.0),
        ("2027-01-01", 1.0),
    ]


def test_all_services_share_the_scale_of_the_tallest_bar() -> None:
    bars = view.bars([hours("3.00"), hours("2.00", age_group="under_6"), hours("4.00", service_label="Mercredi")])
    assert view.tallest(bars) == 5.0


def test_figures_compare_with_the_whole() -> None:
    shown = [(label, value.replace(NBSP, " "), ref.replace(NBSP, " ")) for label, value, ref in view.figures(ROWS)]
    assert shown[0] == ("Heures", "470,75", "sur 2 mois")
    assert shown[1] == ("Moins de 6 ans", "40,25", "9 % des heures")


@pytest.mark.parametrize("gap", [{"regime_group": "INCONNU"}, {"age_group": "unknown"}])
def test_hours_that_cannot_be_declared_are_what_needs_a_decision(gap: dict[str, str]) -> None:
    must_act, text = view.headline([*ROWS, hours("7.50", **gap)])
    assert must_act
    assert text.replace(NBSP, " ").startswith("**7,50 heures sans régime ou sans âge connu**")
    assert view.headline(ROWS)[0] is False


def test_times_that_nobody_noted_are_told() -> None:
    assert view.derived_note(ROWS) == ""
    assert view.derived_note([hours("1.00", derived_child_days=5)]).startswith("5 journées-enfant sur 12")


def test_hours_that_wait_for_missing_taps_are_said_apart() -> None:
    rows = [*ROWS, hours("0", held_child_days=2, held_hours=Decimal("3.25"))]
    assert view.total_hours(rows) == view.total_hours(ROWS)
    assert "3,25\u00a0heures en attente (2\u00a0journées-enfant)" in view.held_note(rows)
    assert view.held_note(ROWS) == ""
