"""Months closed in the demo: places confirm, finance issues, families pay, and what is corrected afterwards.

A month of the demo's own days is closed early in the next one; each step is the operation that people would call.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from demo.decisions import PlannedDecision
from demo.habits import PlannedEnrolment
from demo.plan import TownPlan
from demo.scenes import Backstage, Scene
from demo.source import TownData
from demo.staff_actors import staff_actor
from domain.time import instant_at
from jobs.month_end import issue_from_snapshot
from records.actors import Actor
from records.operations import (
    billing_settings,
    cancellations,
    coverages,
    enrolment_ends,
    ledger,
    month_confirmation,
)
from records.operations.attendance import Decision, decide_all
from records.operations.coverage_terms import CoverageTerms
from records.operations.holes import open_holes, settle_hole
from records.operations.invoices import InvoiceLine, InvoicesAsked, list_invoices
from records.operations.late_pickups import LateAnswer, answer_late_pickups, late_pickups
from records.operations.month_states import reopen_month
from records.operations.paging import PAGE_SIZE_MAX, PageAsked
from warehouse.build import build

CLOSING_DAY, CLOSING_MINUTE = 6, 10 * 60 + 30
PAID_AFTER, CREDITED_AFTER, CORRECTED_AFTER, ASKED_AFTER = 11, 5, 7, 8  # days after the invoices
PAYING_SHARE = 0.72
LATE_ACCEPTED_SHARE = 0.6
CERTIFICATES = 3
CREDITED_CENTS = 2_000
STUCK_SERVICE = "mercredi"
LEFT_REF, LEFT_BODY, LEFT_DECISION, LEFT_CENTS = "PC-08", "msa-orme", "MSA-{year}-4498", 300


def closed_months(plan: TownPlan) -> list[date]:
    """Return the months that the demo holds whole and whose invoices are out, the first first."""
    period = plan.scope.period
    month, found = period.first_day.replace(day=1), []
    while closing_day(plan, month) <= period.last_day:
        if month >= period.first_day and any(day.replace(day=1) == month for day in period.days):
            found.append(month)
        month = _next(month)
    return found


def closing_day(plan: TownPlan, month: date) -> date:
    """Return the first weekday of the next month's second week on which offices close a month."""
    day = _next(month).replace(day=CLOSING_DAY)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def month_scenes(plan: TownPlan) -> Iterator[Scene]:
    """Yield all that closing the months takes, and what follows."""
    months = closed_months(plan)
    town = plan.scope.town
    for number, month in enumerate(months):
        closing = closing_day(plan, month)
        yield Scene(_at(town, closing), partial(_close, plan, month))
        yield from _later(plan, closing, PAID_AFTER, partial(_pay, plan, month))
        if number == 0:
            yield from _later(plan, closing, CREDITED_AFTER, partial(_credit, plan, month))
            yield from _later(plan, closing, CORRECTED_AFTER, partial(_correct, plan, month))
        if number == len(months) - 1:
            yield from _later(plan, closing, ASKED_AFTER, partial(_ask_credit, plan, month))


def stuck_enrolment(plan: TownPlan, month: date) -> PlannedEnrolment | None:
    """Return a Wednesday enrolment without fixed days, of a child who came in a month and no more afterwards."""
    last = {
        visit.person_ref: life.day for life in plan.lives for visit in life.visits if visit.service == STUCK_SERVICE
    }
    named = {child.ref for family in plan.families if family.logins for child in family.children}
    for each in plan.enrolments:
        day = last.get(each.person_ref)
        has_left = each.service == STUCK_SERVICE and day is not None and day.replace(day=1) == month
        if has_left and not each.patterns and len(each.payer_refs) == 1 and each.person_ref not in named:
            return each
    return None


def _close(plan: TownPlan, month: date, stage: Backstage) -> None:
    """Answer what is late, confirm every place, and issue from figures of that very moment."""
    town, records = plan.scope.town, stage.records
    director, finance = staff_actor(town, "coordinator"), staff_actor(town, "finance")
    last = _next(month) - timedelta(days=1)
    source = plan.scope.stream("late", month)
    for school in town.schools:
        answers = [
            LateAnswer(each.day, each.child_ref, each.service_ref, is_accepted=True, reason="Famille prévenue")
            for each in late_pickups(records, director, school.ref, month, last)
            if each.answer is None and source.random() < LATE_ACCEPTED_SHARE
        ]
        answer_late_pickups(records, director, school.ref, answers)
    _settle_silences(director, stage)
    for place in town.structures:
        month_confirmation.confirm_month(records, director, place.ref, month)
    build(stage.figures, stage.url, now=records.clock())
    issue_from_snapshot(records, stage.figures, finance, month, lambda _share, _what: None)


def _settle_silences(director: Actor, stage: Backstage) -> None:
    """Say of terminals long switched off that nobody was expected: else a small place could not confirm."""
    for hole in open_holes(stage.records, director, stage.records.clock()):
        if hole.is_silence:
            settle_hole(
                stage.records, director, hole, "declared_closed", "Borne éteinte : personne n'était attendu"
            )


def _pay(plan: TownPlan, month: date, stage: Backstage) -> None:
    """Record what most payers paid of a month's invoices."""
    finance = staff_actor(plan.scope.town, "finance")
    source = plan.scope.stream("paid", month)
    paid = [each for each in _invoices(stage, finance, month) if source.random() < PAYING_SHARE]
    day = closing_day(plan, month) + timedelta(days=PAID_AFTER)
    entries = [
        ledger.NewEntry(each.payer_ref, "payment", -left, f"Paiement de la facture n° {each.number}", day)
        for each in paid
        if (left := each.total_cents - each.credited_cents) > 0
    ]
    ledger.add_entries(stage.records, finance, entries)


def _credit(plan: TownPlan, month: date, stage: Backstage) -> None:
    """Take a part off the month's largest invoice of a family that logs in, through its three hands."""
    town, records = plan.scope.town, stage.records
    director, finance = staff_actor(town, "coordinator"), staff_actor(town, "finance")
    chosen = _large(plan, _invoices(stage, finance, month))
    if chosen is None:
        return
    asked = cancellations.CancellationAsked(
        chosen.number, "Garderie facturée pendant la panne de la borne", CREDITED_CENTS
    )
    cancellation = cancellations.ask_cancellation(records, director, asked)
    cancellations.relay_cancellation(
        records, staff_actor(town, "super_admin"), cancellation, "Panne vérifiée avec l'école : avis favorable"
    )
    cancellations.decide_cancellation(records, finance, cancellation, True, "Accordé")


def _ask_credit(plan: TownPlan, month: date, stage: Backstage) -> None:
    """Ask for a cancellation that still waits."""
    town = plan.scope.town
    found = _invoices(stage, staff_actor(town, "finance"), month)
    named = _named_payers(plan)
    others = [each for each in found if each.payer_ref not in named]
    if others:
        largest = max(others, key=lambda each: (each.total_cents, each.number))
        if largest.total_cents >= CREDITED_CENTS:
            asked = cancellations.CancellationAsked(
                largest.number, "La famille dit avoir prévenu de trois absences", CREDITED_CENTS
            )
            cancellations.ask_cancellation(stage.records, staff_actor(town, "coordinator"), asked)


def _correct(plan: TownPlan, month: date, stage: Backstage) -> None:
    """Reopen a place for medical certificates that came late, and set a credit aside that nothing can use."""
    town, records = plan.scope.town, stage.records
    director, admin = staff_actor(town, "coordinator"), staff_actor(town, "super_admin")
    late = _unjustified(plan, month)
    for place in sorted({each.structure for each in late}):
        reopen_month(records, admin, place, month, "Certificats médicaux reçus après la facturation")
        decide_all(records, director, [_justified(each) for each in late if each.structure == place])
        month_confirmation.confirm_month(records, director, place, month)
    stuck = stuck_enrolment(plan, month)
    if stuck is not None:
        _leave_with_a_credit(plan, month, stuck, stage)


def _leave_with_a_credit(plan: TownPlan, month: date, enrolment: PlannedEnrolment, stage: Backstage) -> None:
    """End an enrolment, then have a body pay for its invoiced days: a credit kept for a service nobody uses."""
    town, records = plan.scope.town, stage.records
    director, finance = staff_actor(town, "coordinator"), staff_actor(town, "finance")
    billing_settings.set_credit_rule(
        records, finance, (enrolment.payer_refs[0], enrolment.service), True, "Demandé par la trésorerie"
    )
    coverages.record_coverage(
        records,
        director,
        coverages.NewCoverage(
            LEFT_REF, LEFT_BODY, enrolment.person_ref, "msa_voucher",
            CoverageTerms("flat", "day", LEFT_CENTS), month, _next(month), enrolment.service,
        ),
        coverages.Notice(LEFT_DECISION.format(year=month.year)),
    )  # fmt: skip
    coverages.apply_coverage(records, director, enrolment.structure, LEFT_REF, [enrolment.ref])
    today = closing_day(plan, month) + timedelta(days=CORRECTED_AFTER)
    enrolment_ends.end_enrolment(records, director, enrolment.ref, today)


def _unjustified(plan: TownPlan, month: date) -> list[PlannedDecision]:
    found = [
        each
        for each in plan.decisions
        if each.kind == "absent_unjustified" and each.service == "cantine" and each.day.replace(day=1) == month
    ]
    return found[:CERTIFICATES]


def _justified(each: PlannedDecision) -> Decision:
    reason = "Certificat médical reçu"
    return Decision(each.person_ref, each.service, each.structure, each.day, "absent_justified", reason)


def _large(plan: TownPlan, found: list[InvoiceLine]) -> InvoiceLine | None:
    named = _named_payers(plan)
    large = [each for each in found if each.payer_ref in named and each.total_cents > CREDITED_CENTS]
    return max(large, key=lambda each: (each.total_cents, each.number), default=None)


def _named_payers(plan: TownPlan) -> set[str]:
    return {payer.ref for family in plan.families if family.logins for payer in family.payers}


def _invoices(stage: Backstage, actor: Actor, month: date) -> list[InvoiceLine]:
    found: list[InvoiceLine] = []
    number = 0
    while True:
        number += 1
        page = list_invoices(stage.records, actor, InvoicesAsked(month=month), PageAsked(number, PAGE_SIZE_MAX))
        found += page.lines
        if number >= page.pages:
            return found


def _later(plan: TownPlan, closing: date, days: int, do: partial[None]) -> Iterator[Scene]:
    day = closing + timedelta(days=days)
    if day <= plan.scope.period.last_day:
        yield Scene(_at(plan.scope.town, day), do)


def _at(town: TownData, day: date) -> int:
    return instant_at(day, CLOSING_MINUTE, town.timezone)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
