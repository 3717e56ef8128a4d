"""What is not a day of care: the crèche scale with its incomes and contracts, and the trip of the holidays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from demo.aids_data import PsuData, SejourData
from demo.habits import PlannedEnrolment
from demo.money import QF_UNKNOWN_E2
from demo.people import PlannedChild, PlannedFamily
from demo.plan import TownPlan
from demo.reference import rule_of
from demo.scope import Scope
from domain.capacity import age_in_months
from domain.contracts import ContractTerms, billed_months
from records.actors import SETUP
from records.database import Records
from records.operations import care_contracts, enrolments, incomes, sejour_offers, services, tariffs

CONTRACT_WEEKS = 36
TRIP_DAYS = 3
_MONTHS = 12


def write_psu(records: Records, plan: TownPlan, psu: PsuData) -> None:
    """Have the national scale price the crèche, with each family's income and some contracts."""
    town, start = plan.scope.town, plan.scope.period.main_year.starts_on.replace(day=1)
    service = town.service(psu.service)
    decision = psu.decision.format(year=start.year)
    rule = replace(service.rule, is_priced=True, decision=decision)
    services.add_rule(records, SETUP, rule_of(service, rule, start))
    scale = tariffs.NewTariffRule(
        "Barème national", unit="hour", form="psu", basis="collective", above_ceiling=False
    )
    kinds = (None, "contract", "overtime", "deduction")
    version = tariffs.NewTariffVersion(
        f"tarif-{service.ref}", service.ref, "Participation des familles", start, decision,
        tuple(replace(scale, kind=kind) for kind in kinds),
    )  # fmt: skip
    tariffs.publish_tariff(records, SETUP, version)
    _write_incomes(records, plan, start)
    for each in _with_hours(plan, psu)[: psu.contracts]:
        care_contracts.add_care_contract(records, SETUP, _contract(each))


def write_sejour(records: Records, plan: TownPlan, trip: SejourData) -> None:
    """Open the trip on the first free days of the period, and enrol the first children of its ages."""
    starts_on = trip_start(plan.scope)
    if starts_on is None:
        return
    ends_on = starts_on + timedelta(days=TRIP_DAYS)
    offered = plan.scope.period.main_year.starts_on.replace(day=1)
    decision = trip.decision.format(year=offered.year)
    services.add_service(records, SETUP, services.NewService(trip.service, trip.label, "sejour", "extrascolaire"))
    services.offer_service(records, SETUP, trip.service, [trip.structure], offered)
    like = plan.scope.town.service("mercredi")
    rule = replace(
        like.rule,
        decision=decision,
        period="holiday",
        weekdays=tuple(range(7)),
        bill_basis="presence",
        undecided_default="no_line",
        caf_hour_rule="none",
        serves_meal=False,
        needs_departure=False,
        qf_rule="on_day",
    )
    services.add_rule(records, SETUP, rule_of(replace(like, ref=trip.service), rule, offered))
    price = tariffs.NewTariffRule(
        "Journée de séjour", amount_e4=int(trip.euros_a_day * 10_000), unit="day", kind="sejour"
    )
    tariffs.publish_tariff(
        records,
        SETUP,
        tariffs.NewTariffVersion("tarif-sejours", trip.service, "Prix des séjours", offered, decision, (price,)),
    )
    ages = (trip.ages[0] * _MONTHS, trip.ages[1] * _MONTHS)
    ref = f"sejour-{starts_on:%Y-%m}"
    sejour_offers.add_sejour(
        records,
        SETUP,
        sejour_offers.NewSejour(
            ref, trip.service, trip.structure, trip.number, trip.name, trip.place, starts_on, ends_on, trip.places,
            *ages,
        ),
    )  # fmt: skip
    chosen = list(_of_age(plan, starts_on, ages))[: trip.enrolled]
    enrolments.enrol_all(
        records,
        SETUP,
        [
            enrolments.NewEnrolment(
                f"I-{ref}-{child.ref}", child.ref, trip.service, trip.structure, "enfant", starts_on, ends_on, (),
                tuple(
                    enrolments.NewEnrolmentPayer(payer.ref, "custody" if family.is_shared else "all")
                    for payer in family.payers
                ),
                sejour_ref=ref,
            )
            for family, child in chosen
        ],
    )  # fmt: skip


def trip_start(scope: Scope) -> date | None:
    """Return the first Monday of the period whose week has no school, None without holidays in it."""
    open_days = set(scope.period.days)
    day = scope.period.first_day
    while day + timedelta(days=TRIP_DAYS) <= scope.period.last_day:
        week = {day + timedelta(days=n) for n in range(5)}
        if day.weekday() == 0 and not week & open_days and scope.period.main_year.holds(day):
            return day
        day += timedelta(days=1)
    return None


def _of_age(plan: TownPlan, day: date, ages: tuple[int, int]) -> Iterator[tuple[PlannedFamily, PlannedChild]]:
    for family in plan.families:
        for child in family.children:
            born = child.human.birth_date
            if born is not None and ages[0] <= age_in_months(born, day) < ages[1]:
                yield family, child


def _write_incomes(records: Records, plan: TownPlan, start: date) -> None:
    """Give the income of each family with an infant; one whose QF is unknown has given nothing."""
    for family in plan.families:
        if not any(child.level < 0 for child in family.children):
            continue
        parts = 2 + len(family.children) / 2
        for payer in family.payers if family.is_shared else (None,):
            value = next(qf.value_e2 for qf in family.qfs if payer is None or qf.payer_ref == payer.ref)
            is_known = value != QF_UNKNOWN_E2
            income = incomes.NewIncome(
                start,
                start.year - 2,
                round(value * parts * _MONTHS) if is_known else 0,
                len(family.children),
                0,
                "caf" if is_known else "none",
                None if payer is None else payer.ref,
            )
            incomes.add_income(records, SETUP, family.ref, income)


def _with_hours(plan: TownPlan, psu: PsuData) -> list[PlannedEnrolment]:
    """Return the crèche enrolments of the main year that have hours, those of families that log in first."""
    named = {child.ref for family in plan.families if family.logins for child in family.children}
    found = [
        each
        for each in plan.enrolments
        if each.service == psu.service and each.year == plan.scope.period.main_year and each.patterns
    ]
    return sorted(found, key=lambda each: (each.person_ref not in named, each.ref))


def _contract(enrolment: PlannedEnrolment) -> care_contracts.NewCareContract:
    minutes = sum((each.end_minute or 0) - (each.start_minute or 0) for each in enrolment.patterns)
    start, end = enrolment.year.starts_on, enrolment.year.ends_on
    months = len(billed_months(ContractTerms(start, end, minutes, CONTRACT_WEEKS, 1)))
    return care_contracts.NewCareContract(enrolment.ref, start, end, minutes, CONTRACT_WEEKS, months)
