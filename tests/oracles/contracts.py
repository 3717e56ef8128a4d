"""Early-childhood contracts, slowly (CAF notes §1.2, T8 and T11); imports nothing of Marelle.

A year of hours is shared out over the months paid; the minutes outside the hours agreed are overtime; days that
the rules take off are deductions.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracles.attendance import absence_on, is_open, rule_on, stays_on
from tests.oracles.circumstances import known_of
from tests.oracles.payers import payer_of
from tests.oracles.pricing import PRICE_PLACES, Line, decimal, order
from tests.oracles.rounding import counted_minutes, minutes_there, units
from tests.oracles.tariffs import find, in_force, refused, to_the_cent
from tests.oracles.world import Contract, Enrolment, Rule, Service, Town

Interval = tuple[int, int]


def contract_lines(town: Town, first: date, last: date) -> list[Line]:
    """Return the monthly, overtime and deduction lines whose day is asked for."""
    found: list[Line] = []
    for view in town.views():
        for enrolment in view.child.enrolments:
            for contract in enrolment.contracts:
                found += _of_contract(view, enrolment, contract)
    return sorted((line for line in found if first <= line.day <= last), key=order)


def _of_contract(town: Town, enrolment: Enrolment, contract: Contract) -> list[Line]:
    service = town.service(enrolment.service)
    lines, day = [], contract.since
    paid = 0
    while day < contract.until:
        if (day == contract.since or day.day == 1) and paid < contract.months:
            paid += 1
            lines.append(_line(town, (service, enrolment, day), "contract", month_hours(contract)))
        beyond = overtime_minutes(town, service, enrolment, day)
        if beyond:
            lines.append(_line(town, (service, enrolment, day), "overtime", Fraction(beyond, 60)))
        off = _deducted(town, service, enrolment, day)
        if off:
            lines.append(_line(town, (service, enrolment, day), "deduction", Fraction(-off, 60)))
        day += timedelta(days=1)
    return lines


def month_hours(contract: Contract) -> Fraction:
    """Return the hours paid each month: those of the year less what is deducted, over the months."""
    return Fraction(contract.minutes_a_week * contract.weeks - contract.deducted, 60 * contract.months)


def overtime_minutes(town: Town, service: Service, enrolment: Enrolment, day: date) -> int:
    """Return the minutes of presence outside the hours agreed for that day, at the structure's rounding."""
    agreed = agreed_on(enrolment, day)
    rule = rule_on(service, day)
    stays = [(stay.arrived, stay.until) for stay in stays_on(town, service, day)]
    if agreed is None:
        return counted_minutes(minutes_there(stays, rule, rule.slot), rule)
    before = [(arrived, min(left, agreed[0])) for arrived, left in stays if arrived < agreed[0]]
    after = [(max(arrived, agreed[1]), left) for arrived, left in stays if left > agreed[1]]
    return sum(_beyond(part, rule) for part in (before, after))


def _beyond(part: list[Interval], rule: Rule) -> int:
    return units(sum(left - arrived for arrived, left in part), rule) * rule.rounding


def agreed_on(enrolment: Enrolment, day: date) -> Interval | None:
    """Return the hours agreed for a day of the week."""
    spans = [each.span for each in enrolment.patterns if each.weekday == day.weekday() and each.since <= day]
    return spans[-1] if spans else None


def _deducted(town: Town, service: Service, enrolment: Enrolment, day: date) -> int:
    """Return the agreed minutes taken off: a closure, or an absence whose reason is off by then."""
    agreed = agreed_on(enrolment, day)
    if agreed is None:
        return 0
    if town.special_days.get(day) == "shut":
        return agreed[1] - agreed[0]
    absence = absence_on(town.child, service.ref, day)
    if absence is None or absence.kind != "absent_justified" or not is_open(town, service, day):
        return 0
    waiting = town.reasons.get(absence.reason) if absence.reason else None
    first = day
    while True:
        before = absence_on(town.child, service.ref, first - timedelta(days=1))
        is_weekend = (first - timedelta(days=1)).weekday() not in rule_on(service, day).weekdays
        if before is None and not is_weekend:
            break
        if before is not None and before.reason != absence.reason:
            break
        first -= timedelta(days=1)
    while absence_on(town.child, service.ref, first) is None:
        first += timedelta(days=1)
    return 0 if (day - first).days < (waiting or 0) else agreed[1] - agreed[0]


def _line(town: Town, about: tuple[Service, Enrolment, date], kind: str, hours: Fraction) -> Line:
    service, enrolment, day = about
    payer, fault = payer_of(town.child, enrolment, day)
    prices = in_force(service.price_lists, day)
    found = refused(["tariff_missing"])
    if prices is not None:
        known = known_of(town, service, day, payer, prices.rank_basis)
        found = find(prices, replace(known, kind=kind, category=enrolment.category))
    fault = fault or found.fault
    count = hours if found.row is None or found.row.unit == "hour" else Fraction(1)
    return Line(
        service.ref, day, kind, payer, None, decimal(count, 4),
        None if found.fault else decimal(found.unit_price, PRICE_PLACES),
        None if fault else to_the_cent(count * found.unit_price),
        fault, None, None, None, None,
        departure_derived=False, provisional=town.now.date() <= day, child=town.child.ref,
    )  # fmt: skip


def month_amount(contract: Contract, hourly: Decimal) -> Decimal:
    """Return what a month of the contract costs at an hourly fee."""
    return to_the_cent(month_hours(contract) * Fraction(hourly))
