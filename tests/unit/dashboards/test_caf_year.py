"""The CAF year as directors follow it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from dashboards.viewmodels import caf_year as view
from domain.caf_declarations import Figure
from domain.french import NBSP
from warehouse.reader import CafChildDayRow, OccupancyRow, PsuCauseRow, PsuRow

MONDAY = date(2026, 11, 23)
PSU = PsuRow(
    "halte", "Halte", 2026, Decimal("1000.00"), Decimal("1100.00"), Decimal("110.0000"), Decimal("9.653846"),
    Decimal("1650.00"), None, "part_unfinished 2026",
)  # fmt: skip


def plain(text: object) -> str:
    return str(text).replace(NBSP, " ")


def week(**changes: Any) -> OccupancyRow:
    facts: dict[str, Any] = {
        "structure_ref": "halte",
        "structure_label": "Halte",
        "week": MONDAY,
        "places": 20,
        "capacity_minutes": 63_000,
        "realised_minutes": Decimal(60_750),
        "billed_minutes": Decimal(63_000),
        "peak": 23,
        "most_children": 23,
        "is_alert": False,
        "fault": None,
    }
    return OccupancyRow(**{**facts, **changes})


def cause(name: str, hours: str, points: str | None = "1.0000", reason: str = "") -> PsuCauseRow:
    return PsuCauseRow(
        "halte", 2026, name, reason, Decimal(hours), Decimal(110), None if points is None else Decimal(points)
    )


def test_week_of_the_worked_example_is_nearly_full_and_allowed() -> None:
    """CAF notes T34: 20 places, 52,5 hours a week, 1 012,5 hours of presence."""
    assert view.occupancy_title([week()]).replace(NBSP, " ") == "96,4 % des heures offertes sont utilisées"
    assert view.occupancy_points([week()]) == [
        ("2026-11-23", "Réalisées", 96.43),
        ("2026-11-23", "Facturées", 100.0),
    ]
    assert plain(view.occupancy_title([week(peak=24, is_alert=True)])) == (
        "Trop d'enfants la semaine du 23/11/2026 : 24 à la fois"
    )


def test_week_without_places_is_unknown_and_never_empty() -> None:
    unknown = week(capacity_minutes=None, most_children=None, places=None)
    assert "saisissez les places" in view.occupancy_title([unknown])
    assert view.occupancy_points([unknown]) == []
    assert view.week_table([unknown]).rows[0][3] == "inconnu"


def test_rate_is_told_against_the_thresholds_of_the_price() -> None:
    limits = [Decimal(107), Decimal(120)]
    assert plain(view.rate_title(PSU, limits)) == "Taux de facturation : 110,00 %, au-dessus de 107 %"
    assert plain(view.rate_title(PSU, [])) == "Taux de facturation : 110,00 %"
    assert view.rate_points([week(), week(realised_minutes=Decimal(0))]) == [("2026-11-23", 103.7)]


def test_causes_tell_their_points_with_a_sign() -> None:
    table = view.cause_table(
        [cause("absent_justified", "80", "2.5"), cause("closure", "-4", "-0.4"), cause("x", "1", None)]
    )
    assert [plain(line[2]) for line in table.rows] == ["+ 2,50", "− 0,40", "inconnu"]


def test_causes_add_up_to_the_distance_of_the_rate_from_a_hundred_and_rounding_stands_apart() -> None:
    rows = [cause("absent_justified", "80", "8"), cause("closure", "-4", "-0.4"), cause("rounding", "20", "-2.5")]
    rows = [replace(row, rate=Decimal("107.6000")) for row in rows]
    table = view.cause_table(rows)
    assert [line[0] for line in table.rows] == ["Absences justifiées, encore facturées", "Fermetures déduites"]
    assert (table.totals[0], table.totals[1]) == ("Écart avec 100 %".replace(" %", "\u00a0%"), Decimal(76))
    assert plain(table.totals[2]) == "+ 7,60"
    assert plain(view.rounding_words(rows)) == (
        "L'arrondi des présences ajoute 20,00 h aux heures réalisées. "
        "À la minute, le taux serait de 110,10 % au lieu de 107,60 %."
    )
    assert view.rounding_words(rows[:2]) == ""


def test_progress_is_of_hours_alone_line_by_line() -> None:
    forecast = [
        Figure("eaje_activity", 1, "realised_hours", Decimal(2000), "hours", None),
        Figure("result", 1, "psu_amount", Decimal(9000), "euros", None),
        Figure("eaje_activity", 2, "realised_hours_aeeh", Decimal(0), "hours", None),
    ]
    now = [
        Figure("eaje_activity", 1, "realised_hours", Decimal("500.5"), "hours", None),
        Figure("eaje_activity", 2, "realised_hours_aeeh", Decimal(0), "hours", None),
    ]
    (line,) = view.progress_table(forecast, now).rows
    assert (line[1], line[2], plain(line[3])) == (Decimal("2000.00"), Decimal("500.50"), "25,0 %")
    missing, _ = view.progress_table(forecast, []).rows
    assert missing[2:] == ("inconnu", "inconnu")


def child_day(**changes: Any) -> CafChildDayRow:
    facts: dict[str, Any] = {
        "child_ref": "lea",
        "child_first_name": "Léa",
        "child_last_name": "Fournier",
        "service_label": "Garderie",
        "day": MONDAY,
        "caf_hour_rule": "slot_full",
        "age_group": "from_6",
        "regime_group": "RG",
        "is_declared": True,
        "realised_minutes": Decimal(120),
        "billed_minutes": Decimal(60),
        "fault": None,
        "held_back": None,
    }
    return CafChildDayRow(**{**facts, **changes})


def test_child_days_add_up_to_the_figure_and_say_why_one_is_not_in_it() -> None:
    rows = [
        child_day(),
        child_day(is_declared=False, held_back="hole"),
        child_day(is_declared=False, fault="over_age"),
    ]
    assert plain(view.child_sentence(rows)) == "1 journée-enfant déclarée, 2,00 heures."
    assert [plain(line[-1]) for line in view.child_table(rows).rows] == [
        "oui",
        "non : passages manquants",
        "non : trop âgé pour cet accueil",
    ]
