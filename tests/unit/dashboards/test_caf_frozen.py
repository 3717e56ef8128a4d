"""Why a day of a frozen line moved, as a controller reads it."""

from datetime import date
from decimal import Decimal

from dashboards.viewmodels import caf_frozen as view
from domain.caf_days import DayDifference
from domain.caf_declarations import Figure
from domain.time import instant_at
from records.models.attendance import DECISION_KINDS
from records.operations.caf_noted import NotedSince
from tests.unit.dashboards.test_caf_year import plain

ZONE = "Europe/Paris"
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
MOVED = DayDifference("lea", "soir", MONDAY, Decimal(120), Decimal(0))
STILL = DayDifference("lea", "soir", TUESDAY, Decimal(120), Decimal(120))
AT = instant_at(date(2026, 12, 3), 10 * 60 + 12, ZONE)
FLU = NotedSince("soir", MONDAY, MONDAY, "absent_justified", "Grippe", AT, "Claire")
HOURS = Figure("alsh_peri", 1, "hours", Decimal(4), "hours")


def test_day_that_moved_says_what_was_noted_when_and_by_whom() -> None:
    opening = NotedSince(None, MONDAY, None, "structure_opening", None, AT, "Paul", 0)
    assert plain(view.why(MOVED, [FLU, opening], ZONE)) == (
        "absence justifiée (Grippe), le 03/12/2026 à 10 h 12, par Claire ; "
        "horaire d'ouverture changé, le 03/12/2026 à 10 h 12, par Paul"
    )


def test_day_that_did_not_move_says_nothing_and_one_without_a_reason_says_so() -> None:
    of_tuesday = NotedSince("soir", TUESDAY, TUESDAY, "departure", "Oubli", AT, "Claire")
    assert view.why(STILL, [of_tuesday], ZONE) == ""
    assert view.why(MOVED, [of_tuesday], ZONE) == view.UNEXPLAINED
    before = DayDifference("lea", "soir", date(2026, 11, 20), Decimal(60), Decimal(60))
    table = view.days_table(HOURS, [before, MOVED, STILL], [], [FLU], ZONE)
    assert [(row[0], bool(row[5])) for row in table.rows] == [
        ("23/11/2026", True), ("20/11/2026", False), ("24/11/2026", False),
    ]  # fmt: skip


def test_every_decision_and_word_about_a_booking_has_its_french() -> None:
    assert set(DECISION_KINDS) <= set(view.NOTED_WORDS)
    actions = ("book", "cancel", "absence", "accept", "refuse", "wait")
    assert {f"booking_{action}" for action in actions} <= set(view.NOTED_WORDS)
