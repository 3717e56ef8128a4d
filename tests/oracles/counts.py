"""CAF hours and meals, slowly and obviously, from the domain notes and the CAF notes §2.2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.oracles.attendance import (
    absence_on,
    enrolment_on,
    formula_of,
    has_begun,
    planned_on,
    rule_on,
    situation_of,
    stays_on,
)
from tests.oracles.regimes import regime_group
from tests.oracles.rounding import counted_minutes, minutes_there
from tests.oracles.waiting import hours_wait, missing_on, nobody_knows_who_came
from tests.oracles.world import Service, Town


@dataclass(frozen=True)
class CafDay:
    service: str
    day: date
    minutes: int
    age_group: str
    regime: str
    derived: bool
    held_back: str | None = None
    child: str = "enfant"


@dataclass(frozen=True)
class Cover:
    service: str
    day: date
    diet: str
    planned: bool
    to_order: bool
    served: bool
    absent: bool
    held_back: str | None = None
    child: str = "enfant"


def caf_days(town: Town, first: date, last: date) -> list[CafDay]:
    """Return the CAF minutes of each day of presence."""
    return [each for view in town.views() for each in _caf_days(view, first, last)]


def _caf_days(town: Town, first: date, last: date) -> list[CafDay]:
    found = []
    for day, service in _days_and_services(town, first, last):
        rule = rule_on(service, day)
        stays = stays_on(town, service, day)
        if stays and service.caf_kind != "none" and rule.caf != "none":
            derived = any(stay.arrival_derived or stay.departure_derived for stay in stays)
            found.append(
                CafDay(
                    service.ref,
                    day,
                    _caf_minutes(town, service, day),
                    _age_group(town.child.born, day),
                    regime_group(town.child.regimes, day),
                    derived,
                    hours_wait(town, service, day),
                    town.child.ref,
                )
            )
    return found


def _caf_minutes(town: Town, service: Service, day: date) -> int:
    rule, stays = rule_on(service, day), stays_on(town, service, day)
    slot = rule.slot[1] - rule.slot[0]
    if rule.caf == "slot_full":
        return slot
    if rule.caf == "real":
        there = minutes_there([(stay.arrived, stay.until) for stay in stays], rule, None)
        return counted_minutes(there, rule)
    formula = formula_of(town, service, day, planned_on(town, service, day), stays)
    whole = _cap(town, "wednesday_day_cap", day)
    half = _cap(town, "wednesday_half_day_cap", day)
    if formula is None:
        return int(min(Decimal(slot), whole if rule.meal else 2 * half))
    cap = whole if formula.with_meal else formula.half_days * half
    return int(min(Decimal(formula.end - formula.start), cap))


def _cap(town: Town, name: str, day: date) -> Decimal:
    return [value for since, value in town.caf_caps[name] if since <= day][-1]


def _age_group(born: date | None, day: date) -> str:
    if born is None:
        return "unknown"
    birthdays = sum(1 for year in range(born.year + 1, day.year + 1) if (year, born.month, born.day) <= _key(day))
    return "under_6" if birthdays < 6 else "from_6"


def _key(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def covers(town: Town, first: date, last: date) -> list[Cover]:
    """Return each plate: planned, to order, served, absent."""
    return [each for view in town.views() for each in _covers(view, first, last)]


def _covers(town: Town, first: date, last: date) -> list[Cover]:
    found = []
    for day, service in _days_and_services(town, first, last):
        rule = rule_on(service, day)
        planned, stays = planned_on(town, service, day), stays_on(town, service, day)
        situation = situation_of(town, service, day, planned, stays)
        if not rule.meal or situation is None:
            continue
        formula = formula_of(town, service, day, planned, stays)
        if formula is not None and not formula.with_meal:
            continue
        enrolment = planned.enrolment if planned else enrolment_on(town.child, service.ref, day)
        unknown = nobody_knows_who_came(town, service, day)
        basket = "panier_repas" in town.child.diets or (
            enrolment is not None and enrolment.category == "panier_repas"
        )
        diet = "panier_repas" if basket else "+".join(sorted(set(town.child.diets))) or "standard"
        expected = planned is not None and not planned.absence_declared and not _foreseen(town, service, day)
        found.append(
            Cover(
                service.ref,
                day,
                diet,
                expected,
                expected and not basket,
                bool(stays),
                situation.startswith("absent") and not unknown,
                missing_on(town, service, day) if unknown else None,
                town.child.ref,
            )
        )
    return found


def _foreseen(town: Town, service: Service, day: date) -> bool:
    """Say whether the absence was decided before the slot began."""
    absence = absence_on(town.child, service.ref, day)
    start = datetime.combine(day, datetime.min.time()) + timedelta(minutes=rule_on(service, day).slot[0])
    return absence is not None and absence.made_at < start


def _days_and_services(town: Town, first: date, last: date) -> list[tuple[date, Service]]:
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    return [(day, service) for day in days for service in town.services if has_begun(service, day)]
