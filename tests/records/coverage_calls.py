"""How the matrix of rights calls what concerns scales of aids, coverages and recaps of vouchers."""

from collections.abc import Callable

from records.actors import Actor
from records.database import Records
from records.operations import (
    aid_scales,
    coverage_choices,
    coverage_lists,
    coverages,
    recap_reminders,
    voucher_recaps,
)
from records.operations.coverage_terms import CoverageTerms
from tests.factories.town import SCHOOL, START, TODAY

TERMS = CoverageTerms("flat", "day", amount_cents=100)
ASKED = coverages.NewCoverage("x", "y", "z", "decision", TERMS, START)
NOTICE = coverages.Notice("1")
CALENDAR = voucher_recaps.NewRecapCalendar(START, "Note", (), 10)

COVERAGE_CALLS: dict[str, Callable[[Records, Actor], object]] = {
    "publish_aid_scale": lambda r, a: aid_scales.publish_aid_scale(
        r, a, aid_scales.NewAidScale("x", START, "Courrier", "day", ())
    ),
    "ask_coverage": lambda r, a: coverages.ask_coverage(r, a, ASKED),
    "quote_coverage": lambda r, a: coverages.quote_coverage(r, a, "x", 1),
    "notify_coverage": lambda r, a: coverages.notify_coverage(r, a, "x", NOTICE),
    "record_coverage": lambda r, a: coverages.record_coverage(r, a, ASKED, NOTICE),
    "apply_coverage": lambda r, a: coverages.apply_coverage(r, a, SCHOOL, "x", ["y"]),
    "remove_coverage": lambda r, a: coverages.remove_coverage(r, a, "x", "y", TODAY),
    "end_coverage": lambda r, a: coverages.end_coverage(r, a, "x", "cancelled", "double"),
    "order_coverages": lambda r, a: coverages.order_coverages(r, a, ["x"]),
    "list_coverages": coverage_lists.list_coverages,
    "coverage_choices": coverage_choices.coverage_choices,
    "enrolments_to_cover": lambda r, a: coverage_choices.enrolments_to_cover(r, a, "x"),
    "remind_of_recaps": recap_reminders.remind_of_recaps,
    "coverage_history": lambda r, a: coverage_lists.coverage_history(r, a, "x"),
    "coverage_to_quote": lambda r, a: coverage_lists.coverage_to_quote(r, a, "x"),
    "set_recap_calendar": lambda r, a: voucher_recaps.set_recap_calendar(r, a, CALENDAR),
    "send_recap": lambda r, a: voucher_recaps.send_recap(r, a, SCHOOL, TODAY),
    "relay_recap": lambda r, a: voucher_recaps.relay_recap(r, a, SCHOOL, TODAY),
    "receive_recap": lambda r, a: voucher_recaps.receive_recap(r, a, SCHOOL, TODAY),
    "return_recap": lambda r, a: voucher_recaps.return_recap(r, a, SCHOOL, TODAY, "Il manque un bon"),
    "recap_states": voucher_recaps.recap_states,
}
