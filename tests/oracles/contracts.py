"""Early-childhood contracts, slowly (CAF notes §1.2, T8 and T11); imports nothing of Marelle.

A year of hours is shared out over the months paid; the minutes of presence outside the hours agreed are overtime;
days that the rules take off are deductions. One that ends before its term owes the hours reserved until then. The
hours agreed for a day are those of the enrolment's own pattern: a day booked beside it has none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from tests.oracles.absences import is_billed
from tests.oracles.attendance import (
    agreed_on,
    decisions_on,
    enrolment_on,
    has_begun,
    is_over,
    planned_on,
    rule_on,
    situation_of,
    stays_on,
)
from tests.oracles.pricing import MIDNIGHT, Line, has_late_price, is_late_accepted_on, order
from tests.oracles.rounding import begun_units, rounded_ends, units
from tests.oracles.spans import Due, span_lines
from tests.oracles.tariffs import in_force
from tests.oracles.waiting import line_waits
from tests.oracles.world import Contract, Enrolment, Pattern, Rule, Service, Town

Interval = tuple[int, int]
Span = tuple[date, date]


def contract_lines(town: Town, first: date, last: date) -> list[Line]:
    """Return the monthly, overtime and deduction lines whose day is asked for."""
    found: list[Line] = []
    for view in town.views():
        for enrolment in view.child.enrolments:
            for contract in enrolment.contracts:
                found += _of_contract(view, enrolment, contract, (first, last))
    return sorted(found, key=order)


def _of_contract(town: Town, enrolment: Enrolment, contract: Contract, asked: Span) -> list[Line]:
    service = town.service(enrolment.service)
    start, end = _held(enrolment, contract)
    lines, day = [], max(start, asked[0])
    while day < end and day <= asked[1]:
        is_paid = day.month != contract.unbilled and not _is_paid_already(enrolment, contract, day)
        if (day == start or day.day == 1) and is_paid:
            lines += _month(town, (service, enrolment, contract), day)
        if has_begun(service, day):
            is_free = contract.free_until is not None and day < contract.free_until
            lines += _of_day(town, service, (enrolment, is_free), day)
        day += timedelta(days=1)
    return lines + _cut_short(town, (service, enrolment, contract), asked)


def _held(enrolment: Enrolment, contract: Contract) -> Span:
    """Return the days of a contract: an amendment takes over from its first day, the enrolment bounds both."""
    ends = [each.since for each in enrolment.contracts if each.since > contract.since]
    ends += [contract.until] + ([enrolment.until] if enrolment.until else [])
    return max(contract.since, enrolment.since), min(ends)


def _is_paid_already(enrolment: Enrolment, contract: Contract, day: date) -> bool:
    """Say whether the contract before an amendment has already billed the month."""
    spans = [_held(enrolment, each) for each in enrolment.contracts if each.since < contract.since]
    return any(start < end and (end - timedelta(days=1)) >= day.replace(day=1) for start, end in spans)


def _cut_short(town: Town, about: tuple[Service, Enrolment, Contract], asked: Span) -> list[Line]:
    """Return what the months paid were short of, or had too much, once a contract ends before its term."""
    service, enrolment, contract = about
    start, end = _held(enrolment, contract)
    term = min([each.since for each in enrolment.contracts if each.since > contract.since] + [contract.until])
    last = end - timedelta(days=1)
    if not start < end < term or last > asked[1]:
        return []
    reserved: Fraction | None = Fraction(0)
    paid = Fraction(0)
    for offset in range((end - start).days):
        day = start + timedelta(days=offset)
        minutes = _reserved(town, service, enrolment, day)
        reserved = None if reserved is None or minutes is None else reserved + minutes
        if (day == start or day.day == 1) and not _is_paid_already(enrolment, contract, day):
            paid += 60 * month_hours(contract) if day.month != contract.unbilled else 0
    owed = None if reserved is None else (reserved - paid) / 60
    first = max(start, last.replace(day=1))
    if owed == 0 or first < asked[0]:
        return []
    kind, sign = ("contract_back", -1) if owed is not None and owed < 0 else ("contract_end", 1)
    prices = in_force(service.price_lists, first)
    fault = "contract_hours_missing" if owed is None else None
    count = Fraction(1) if owed is None else abs(owed)
    due = Due(service, enrolment, kind, "contract", first, end, prices, lambda *_: count, sign=sign, fault=fault)
    return span_lines(town, due)


def _reserved(town: Town, service: Service, enrolment: Enrolment, day: date) -> int | None:
    """Return the minutes reserved on a day, those of a day on which something shut the place too."""
    if not has_begun(service, day):
        return 0
    if town.special_days.get(day) == "shut":
        pattern = agreed_on(enrolment, day) if day.weekday() in rule_on(service, day).weekdays else None
        span = pattern.span if pattern else (0, 0)
    else:
        planned = planned_on(town, service, day)
        pattern = agreed_on(enrolment, day) if planned and planned.enrolment is enrolment else None
        span = pattern.span if pattern else (0, 0)
    return span[1] - span[0] if span else None


def _month(town: Town, about: tuple[Service, Enrolment, Contract], day: date) -> list[Line]:
    service, enrolment, contract = about
    after = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    until = min(after, _held(enrolment, contract)[1])
    prices = in_force(service.price_lists, day)
    hours = month_hours(contract)
    return span_lines(town, Due(service, enrolment, "contract", "contract", day, until, prices, lambda *_: hours))


def month_hours(contract: Contract) -> Fraction:
    """Return the hours paid each month: those of the year less what is deducted, over the months."""
    return Fraction(contract.minutes_a_week * contract.weeks - contract.deducted, 60 * contract.months)


def _of_day(town: Town, service: Service, about: tuple[Enrolment, bool], day: date) -> list[Line]:
    """Return the overtime of a day, or its deduction; without agreed hours the line says that nobody knows.

    A day of adaptation has no overtime.
    """
    enrolment, is_free = about
    shut = _shut(town, service, enrolment, day) if town.special_days.get(day) == "shut" else []
    planned, stays = planned_on(town, service, day), stays_on(town, service, day)
    if (planned.enrolment if planned else enrolment_on(town.child, service.ref, day)) is not enrolment:
        return shut
    if stays and is_free:
        return shut
    pattern = agreed_on(enrolment, day) if planned else None
    kind, minutes = "overtime", 0 if pattern is None or pattern.span is not None else None
    if stays and minutes is not None:
        minutes = overtime_minutes(town, service, day, pattern)
    if not stays:
        situation = situation_of(town, service, day, planned, stays)
        if pattern is None or situation != "absent_justified" or is_billed(town, service, day, situation):
            return shut
        kind, minutes = "deduction", pattern.span[1] - pattern.span[0] if pattern.span else None
    changed = _change(town, (service, enrolment, day), kind, minutes) if minutes != 0 else []
    return shut + [_of_the_day(town, service, line) for line in changed]


def _shut(town: Town, service: Service, enrolment: Enrolment, day: date) -> list[Line]:
    """A day on which something shut the place on the day itself is taken off."""
    if day.weekday() not in rule_on(service, day).weekdays:
        return []
    pattern = agreed_on(enrolment, day)
    if pattern is None:
        return []
    minutes = pattern.span[1] - pattern.span[0] if pattern.span else None
    return _change(town, (service, enrolment, day), "deduction", minutes)


def overtime_minutes(town: Town, service: Service, day: date, pattern: Pattern | None) -> int:
    """Return the minutes of presence outside the hours agreed for that day, at the structure's rounding.

    All of them where none are. Presence after the slot counts as lateness does: once accepted, unless it has a
    price of its own.
    """
    rule = rule_on(service, day)
    prices = in_force(service.price_lists, day)
    is_more = is_late_accepted_on(decisions_on(town.child, service.ref, day)) and not has_late_price(prices)
    bounds = (rule.slot[0], MIDNIGHT if is_more else rule.slot[1])
    agreed = pattern.span if pattern and pattern.span else (bounds[1], bounds[1])
    there: set[int] = set()
    for stay in stays_on(town, service, day):
        there |= _outside((stay.arrived, stay.until), agreed, rule)
    minutes = len({minute for minute in there if bounds[0] <= minute < bounds[1]})
    return units(minutes, rule) * rule.rounding if rule.rounding_on == "duration" else minutes


def _outside(stay: Interval, agreed: Interval, rule: Rule) -> set[int]:
    """Return the minutes of a stay outside the agreed hours; only an end that lies outside them is rounded."""
    start, end = stay
    arrived, left = rounded_ends(stay, rule)
    before = range(arrived, min(left if end < agreed[0] else agreed[0], agreed[0])) if start < agreed[0] else ()
    after = range(max(arrived if start > agreed[1] else agreed[1], agreed[1]), left) if end > agreed[1] else ()
    return {*before, *after}


def _change(town: Town, about: tuple[Service, Enrolment, date], kind: str, minutes: int | None) -> list[Line]:
    """Return what a day adds to the contract, or takes off it."""
    service, enrolment, day = about
    fault = "contract_hours_missing" if minutes is None else None
    count = _counter(minutes or 0, rule_on(service, day))
    sign = -1 if kind == "deduction" else 1
    prices = in_force(service.price_lists, day)
    due = Due(service, enrolment, kind, kind, day, day + timedelta(days=1), prices, count, sign=sign, fault=fault)
    return [replace(line, billed_minutes=minutes) for line in span_lines(town, due)]


def _of_the_day(town: Town, service: Service, line: Line) -> Line:
    """What a child did may still change until the slot is over, or wait for missing taps."""
    waits = line_waits(town, service, line.day)
    amount = None if waits else line.amount
    return replace(line, provisional=not is_over(town, service, line.day), held_back=waits, amount=amount)


def _counter(minutes: int, rule: Rule) -> Callable[[str, int | None], Fraction]:
    """Return how a row's unit counts so many minutes."""

    def count(unit: str, own_minutes: int | None) -> Fraction:
        whole = {"minute": minutes, "unit_begun": begun_units(minutes, own_minutes or rule.rounding)}.get(unit, 1)
        return Fraction(minutes, 60) if unit == "hour" else Fraction(whole)

    return count
