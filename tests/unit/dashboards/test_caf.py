"""The CAF balance as staff read it."""

from datetime import date
from decimal import Decimal
from typing import Any

from dashboards.viewmodels import caf as view
from dashboards.viewmodels.caf import CafHours
from domain.french import NBSP


def hours(value: str, **changes: Any) -> CafHours:
    facts: dict[str, Any] = {
        "structure": "Les Tilleuls",
        "service": "Garderie du soir",
        "month": date(2026, 11, 1),
        "age_group": "from_6",
        "regime_group": "RG",
        "children": 3,
        "child_days": 12,
        "hours": Decimal(value),
    }
    return CafHours(**{**facts, **changes})


ROWS = [
    hours("120.50"),
    hours("40.25", age_group="under_6"),
    hours("10.00", regime_group="MSA", month=date(2026, 10, 1)),
    hours("300.00", service="Mercredi"),
]


def test_total_is_exact() -> None:
    assert view.total_hours([hours("0.10")] * 3) == Decimal("0.30")


def test_detail_never_adds_up_children() -> None:
    table = view.detail_table(ROWS)
    assert table.totals == ("Total", "", "", "", "", "", 48, Decimal("470.75"))
    assert table.rows[0][:5] == ("Octobre 2026", "Garderie du soir", "Les Tilleuls", "6 ans et plus", "MSA")


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
    bars = sorted(view.bars(rows), key=lambda bar: bar.order)
    assert [bar.month for bar in bars] == ["déc.", "janv."]


def test_hours_without_regime_are_what_needs_a_decision() -> None:
    text = view.headline([*ROWS, hours("7.50", regime_group="INCONNU")]).replace(NBSP, " ")
    assert text.startswith("**7,50 heures sans régime connu**")
    assert view.headline(ROWS).startswith("Toutes les heures ont un régime.")
