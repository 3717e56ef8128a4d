"""The hours that the CAF counts, child by child and day by day, slowly (CAF notes §1.2, §2.1, §2.2).

Imports nothing of Marelle. What is not known is no zero: minutes are None and `fault` says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeVar

from tests.oracles.attendance import (
    Stay,
    enrolment_on,
    formula_of,
    has_begun,
    is_open,
    planned_on,
    rule_on,
    stays_on,
)
from tests.oracles.bills import all_lines
from tests.oracles.caf_world import CafPlace
from tests.oracles.pricing import Line
from tests.oracles.regimes import regime_group
from tests.oracles.rounding import counted_minutes, minutes_there
from tests.oracles.waiting import hours_wait
from tests.oracles.world import Service, Town

T = TypeVar("T")
WHOLE_MIDDAY_SINCE = date(2023, 1, 1)
MEAL_BEFORE = 30
DAY_WITH_MEAL, HALF_DAY = 540, 240
HOLIDAY_DAY, HOLIDAY_HALF, TRIP_DAY, TRIP_DAYS = 480, 240, 600, 5
SIX, TWELVE, EIGHTEEN = 6, 12, 18
WEDNESDAY, WEDNESDAY_SINCE = "periscolaire_wednesday", date(2018, 9, 3)
TIMED = ("hour", "minute", "unit_begun")


@dataclass(frozen=True)
class ChildDay:
    """`billed` are the minutes billed on that day, the whole month of a contract on its first day there."""

    child: str
    service: str
    day: date
    kind: str
    period: str
    age: str
    regime: str
    aeeh: bool
    realised: int | None
    billed: Fraction
    contribution: Fraction
    fault: str | None = None
    held: bool = False
    present: bool = True
    has_bill: bool = True

    @property
    def counts(self) -> bool:
        """Say whether the bill counts; a presence that waits holds its own line already."""
        return self.fault in (None, "age_unknown")

    @property
    def declared(self) -> bool:
        """Say whether the hours are in the figures."""
        return self.counts and not self.held


def child_days(place: CafPlace, first: date, last: date) -> list[ChildDay]:
    """Return every day of a child that makes hours, or a bill of early childhood."""
    bills: dict[tuple[str, str, date], list[Line]] = {}
    for line in all_lines(place.town, first, last):
        bills.setdefault((line.child, line.service, line.day), []).append(line)
    found = []
    for view in place.town.views():
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            of_day: list[ChildDay] = []
            for service in view.services:
                lines = bills.get((view.child.ref, service.ref, day), [])
                of_day += _day(place, view, (service, day), lines)
            found += _within_wednesday(view, of_day)
    return found


def _within_wednesday(town: Town, of_day: list[ChildDay]) -> list[ChildDay]:
    """Count no Wednesday above its cap, whatever its services: the last of the day have what is left."""
    services = {each.service: town.service(each.service) for each in of_day}
    wednesday = [each for each in of_day if each.kind == WEDNESDAY]
    left = 2 * HALF_DAY
    if any(_has_meal(town, services[each.service], each.day) for each in wednesday):
        left = DAY_WITH_MEAL
    kept = {}
    for each in sorted(wednesday, key=lambda each: rule_on(services[each.service], each.day).slot[0]):
        if each.realised is not None:
            kept[each.service] = min(each.realised, left)
            left -= kept[each.service]
    return [replace(each, realised=kept.get(each.service, each.realised)) for each in of_day]


def _has_meal(town: Town, service: Service, day: date) -> bool:
    formula = formula_of(town, service, day, planned_on(town, service, day), stays_on(town, service, day))
    return rule_on(service, day).meal if formula is None else formula.with_meal


def _day(place: CafPlace, town: Town, about: tuple[Service, date], lines: list[Line]) -> list[ChildDay]:
    service, day = about
    if service.caf_kind == "none" or not has_begun(service, day):
        return []
    billed, contribution = _bill(town, service, lines)
    stays = stays_on(town, service, day) if rule_on(service, day).caf != "none" else []
    has_bill = any(line.kind in BILLED or _is_contract(line) for line in lines)
    if not stays and not (has_bill and service.caf_kind == "eaje"):
        return []
    minutes = _minutes(town, about, stays, lines) if stays else 0
    years = _years(town.child.born, day)
    fault = _fault(town, about, years, minutes)
    child = town.child
    return [
        ChildDay(
            child.ref,
            service.ref,
            day,
            service.caf_kind,
            period_of(town, service, day),
            "unknown" if years is None else "under_6" if years < SIX else "from_6",
            regime_group(child.regimes, day),
            bool(_last(place.aeeh.get(child.ref, []), day)),
            None if fault in ("sejour_too_long", "parameter_missing") else minutes,
            billed,
            contribution,
            fault,
            bool(stays) and hours_wait(town, service, day) is not None,
            bool(stays),
            has_bill,
        )
    ]


BILLED = ("care", "overtime", "deduction")


def _is_contract(line: Line) -> bool:
    return line.kind.startswith(("contract", "deduction", "overtime"))


def _bill(town: Town, service: Service, lines: list[Line]) -> tuple[Fraction, Fraction]:
    """Return minutes and euros of a day's lines; two payers who share a price share the same hours."""
    minutes: dict[str, Fraction] = {}
    euros = Fraction(0)
    for line in lines:
        if line.kind not in BILLED and not _is_contract(line):
            continue
        euros += Fraction(line.amount or 0)
        if line.held_back is None:
            minutes[line.kind] = _minutes_billed(town, service, line)
    return sum(minutes.values(), Fraction(0)), euros


def _minutes_billed(town: Town, service: Service, line: Line) -> Fraction:
    if line.kind.startswith("contract"):
        enrolment = enrolment_on(town.child, service.ref, line.day)
        assert enrolment is not None
        contract = next(each for each in enrolment.contracts if each.since <= line.day < each.until)
        total = contract.minutes_a_week * contract.weeks - contract.deducted
        return Fraction(total, contract.months)
    if line.unit in ("unit_begun",):
        return Fraction(line.units) * (line.unit_minutes or rule_on(service, line.day).rounding)
    return Fraction(round(Fraction(line.units) * 60))


def _minutes(town: Town, about: tuple[Service, date], stays: list[Stay], lines: list[Line]) -> int:
    """Return what is counted of a presence: by the rule of the service, and on Wednesdays up to a cap."""
    service, day = about
    minutes = _by_rule(town, about, stays, lines)
    if service.caf_kind != WEDNESDAY and rule_on(service, day).caf != "formula_capped":
        return minutes
    formula = formula_of(town, service, day, planned_on(town, service, day), stays)
    half_days = 2 if formula is None else formula.half_days
    return min(minutes, DAY_WITH_MEAL if _has_meal(town, service, day) else half_days * HALF_DAY)


def _by_rule(town: Town, about: tuple[Service, date], stays: list[Stay], lines: list[Line]) -> int:
    service, day = about
    rule = rule_on(service, day)
    slot = rule.slot[1] - rule.slot[0]
    if rule.caf == "slot_full":
        meal = MEAL_BEFORE if service.caf_kind == "periscolaire_midday" and day < WHOLE_MIDDAY_SINCE else 0
        return max(0, slot - meal)
    if rule.caf == "formula_capped":
        formula = formula_of(town, service, day, planned_on(town, service, day), stays)
        return slot if formula is None else formula.end - formula.start
    if rule.caf == "sejour":
        return TRIP_DAY
    timed = [line for line in lines if line.kind in ("care", "formula") and line.units]
    unit = min((line.unit for line in timed if line.unit in (*TIMED, "half_day", "day", "formula")), default=None)
    if rule.caf == "billed_unit" and unit == "formula":
        bought = formula_of(town, service, day, planned_on(town, service, day), stays)
        return HOLIDAY_HALF if bought is not None and bought.half_days == 1 else HOLIDAY_DAY
    if rule.caf == "billed_unit" and unit == "day":
        return HOLIDAY_DAY
    if rule.caf == "billed_unit" and unit == "half_day":
        return int(max(line.units for line in timed)) * HOLIDAY_HALF
    if rule.caf == "billed_unit" and unit in TIMED:
        return int(max(_minutes_billed(town, service, line) for line in timed))
    there = minutes_there([(stay.arrived, stay.until) for stay in stays], rule, None)
    return counted_minutes(there, rule)


def _fault(town: Town, about: tuple[Service, date], years: int | None, minutes: int) -> str | None:
    service, day = about
    if minutes and service.caf_kind == WEDNESDAY and day < WEDNESDAY_SINCE:
        return "parameter_missing"
    if minutes and rule_on(service, day).caf == "sejour":
        enrolment = enrolment_on(town.child, service.ref, day)
        trip = next((each for each in town.sejours if enrolment and each.ref == enrolment.sejour), None)
        if trip is not None and (trip.end - trip.start).days > TRIP_DAYS:
            return "sejour_too_long"
    if years is None:
        return "age_unknown"
    if service.caf_kind == "eaje" and years >= SIX:
        return "over_age"
    if service.caf_kind == "youth" and not TWELVE <= years < EIGHTEEN:
        return "over_age"
    return None


def period_of(town: Town, service: Service, day: date) -> str:
    """Return the period of the declaration: by the kind of day for holidays and teenagers (CASF R227-1)."""
    if service.caf_kind == "eaje":
        return "all_year"
    if service.caf_kind not in ("extrascolaire", "youth"):
        return "wednesday" if service.caf_kind == WEDNESDAY else "periscolaire_day"
    if day.weekday() >= 5:
        return "saturday"
    if town.special_days.get(day) in ("school_holiday", "bridge"):
        return "summer" if day.month in (7, 8) else "small_holidays"
    return "wednesday" if day.weekday() == 2 else "periscolaire_day"


def peak(town: Town, service: Service, day: date) -> int:
    """Return the most children at one minute of the day."""
    there: dict[int, int] = {}
    for view in town.views():
        for stay in stays_on(view, service, day):
            for minute in range(stay.arrived, stay.until):
                there[minute] = there.get(minute, 0) + 1
    return max(there.values(), default=0)


def opens(town: Town, service: Service, day: date) -> bool:
    """Say whether the service opens that day."""
    return is_open(town, service, day)


def _years(born: date | None, day: date) -> int | None:
    if born is None:
        return None
    had = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if had else 1)


def _last(said: Sequence[tuple[date, T]], day: date) -> T | None:
    known = [value for since, value in sorted(said, key=lambda each: each[0]) if since <= day]
    return known[-1] if known else None
