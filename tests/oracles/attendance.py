"""Who was where, slowly and obviously, from the domain notes (§5, §6); imports nothing of Marelle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import TypeVar

from tests.oracles.world import Booking, Child, Decision, Enrolment, Formula, Pattern, Rule, Service, Tap, Town

T = TypeVar("T")
MINUTES_A_DAY = 1440


@dataclass(frozen=True)
class Planned:
    """`span` are the minutes agreed, where the booking or the pattern names them."""

    formula: str | None
    enrolment: Enrolment
    absence_declared: bool
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class Stay:
    """Minutes of the day; `until` is where counting stops, `left` None while the child is still there.

    `backwards`: what people said and taps together make it end before it begins; nobody knows its length.
    """

    arrived: int
    left: int | None
    until: int
    arrival_derived: bool
    departure_derived: bool
    backwards: bool = False


def remembered(ask: Callable[[Town, Service, date], T]) -> Callable[[Town, Service, date], T]:
    """Ask once of each town, service and day: the same questions come back a dozen times."""

    @wraps(ask)
    def answer(town: Town, service: Service, day: date) -> T:
        key = ask.__name__, service.ref, day
        if key not in town.memory:
            town.memory[key] = ask(town, service, day)
        found: T = town.memory[key]
        return found

    return answer


def rule_on(service: Service, day: date) -> Rule:
    """Return the last rule that has begun."""
    return sorted((rule for rule in service.rules if rule.since <= day), key=lambda rule: rule.since)[-1]


def has_begun(service: Service, day: date) -> bool:
    """Say whether the service had a rule by that day."""
    return any(rule.since <= day for rule in service.rules)


@remembered
def is_open(town: Town, service: Service, day: date) -> bool:
    """Say whether the service opens that day."""
    if not has_begun(service, day):
        return False
    rule = rule_on(service, day)
    if day.weekday() not in rule.weekdays:
        return False
    special = town.special_days.get(day)
    if special in ("public_holiday", "closure", "shut"):
        return False
    if rule.period == "any":
        return True
    if rule.period == "holiday":
        return special == "school_holiday"
    return special is None and town.school_year[0] <= day < town.school_year[1]


def is_over(town: Town, service: Service, day: date) -> bool:
    """Say whether the slot of that day had ended."""
    end = datetime.combine(day, datetime.min.time()) + timedelta(minutes=rule_on(service, day).slot[1])
    return town.now >= end


def enrolment_on(child: Child, service: str, day: date) -> Enrolment | None:
    """Return the enrolment begun last among those in force."""
    found = [e for e in child.enrolments if e.service == service and _holds(e.since, e.until, day)]
    return max(found, key=lambda e: (e.since, child.enrolments.index(e)), default=None)


@remembered
def planned_on(town: Town, service: Service, day: date) -> Planned | None:
    """Return what was planned, absences declared included; None when nothing was."""
    child = town.child
    words = [b for b in child.bookings if b.service == service.ref and b.day == day and b.action != "wait"]
    plans = [b for b in words if b.action != "absence"]
    absence = bool(words) and words[-1].action == "absence"
    if not is_open(town, service, day):
        return None
    by_pattern = _pattern_on(child, service.ref, day)
    if plans:
        return _booked(child, service, plans[-1], by_pattern, absence)
    if by_pattern is None:
        return None
    return Planned(by_pattern[1].formula, by_pattern[0], absence, by_pattern[1].span)


def _booked(
    child: Child, service: Service, plan: Booking, by_pattern: tuple[Enrolment, Pattern] | None, absence: bool
) -> Planned | None:
    enrolment = enrolment_on(child, service.ref, plan.day)
    if plan.action not in ("book", "accept") or enrolment is None:
        return None
    formula = plan.formula
    if formula is None and by_pattern is not None:
        formula = by_pattern[1].formula
    return Planned(formula, enrolment, absence, _agreed(plan, by_pattern))


def _agreed(plan: Booking, by_pattern: tuple[Enrolment, Pattern] | None) -> tuple[int, int] | None:
    """A booking that names hours or a formula says when by itself; else the hours are those of the pattern."""
    if plan.span is not None or plan.formula is not None:
        return plan.span
    return by_pattern[1].span if by_pattern is not None else None


def _pattern_on(child: Child, service: str, day: date) -> tuple[Enrolment, Pattern] | None:
    enrolments = [e for e in child.enrolments if e.service == service and _holds(e.since, e.until, day)]
    for enrolment in sorted(enrolments, key=lambda e: (e.since, child.enrolments.index(e)), reverse=True):
        pattern = agreed_on(enrolment, day)
        if pattern is not None:
            return enrolment, pattern
    return None


def agreed_on(enrolment: Enrolment, day: date) -> Pattern | None:
    """Return the pattern of an enrolment for a day: the last begun, then that of one week of the cycle."""
    fitting = [p for p in enrolment.patterns if p.weekday == day.weekday() and _holds(p.since, p.until, day)]
    fitting = [p for p in fitting if p.anchor is None or p.week == _week(p.anchor, day)]
    return max(fitting, key=lambda p: (p.since, p.week is not None, enrolment.patterns.index(p)), default=None)


def _week(anchor: date, day: date) -> str:
    weeks = 0
    monday = day - timedelta(days=day.weekday())
    while anchor + timedelta(days=7 * weeks) < monday:
        weeks += 1
    while anchor + timedelta(days=7 * weeks) > monday:
        weeks -= 1
    return "A" if weeks % 2 == 0 else "B"


def decisions_on(child: Child, service: str, day: date) -> list[Decision]:
    """Return the decisions of a day that stand: those after the last « clear »."""
    standing: list[Decision] = []
    for decision in child.decisions:
        if decision.service == service and decision.day == day:
            standing = [] if decision.kind == "clear" else [*standing, decision]
    return standing


def absence_on(child: Child, service: str, day: date) -> Decision | None:
    """Return the last decided absence."""
    found = [d for d in decisions_on(child, service, day) if d.kind.startswith("absent")]
    return found[-1] if found else None


@remembered
def stays_on(town: Town, service: Service, day: date) -> list[Stay]:
    """Return the stays of a day, with decided times and derived ends; none when an absence is decided."""
    if absence_on(town.child, service.ref, day) is not None:
        return []
    rule = rule_on(service, day)
    found = _visits(_gestures(town, service, day), rule)
    for decision in decisions_on(town.child, service.ref, day):
        if decision.kind in ("arrival", "departure") and not found:
            found = [[None, None]]
        if decision.kind == "arrival":
            found[0][0] = _minute(decision.at)
        if decision.kind == "departure":
            found[-1][1] = _minute(decision.at)
    return [_stay(town, service, day, arrived, left) for arrived, left in found]


def _stay(town: Town, service: Service, day: date, arrived: int | None, left: int | None) -> Stay:
    rule = rule_on(service, day)
    start = rule.slot[0] if arrived is None else arrived
    over = is_over(town, service, day)
    if not rule.needs_departure:
        until = max(rule.slot[1], start)
        return Stay(start, until if over else None, until, arrived is None, False)
    if left is not None:
        backwards = arrived is not None and left < arrived
        return Stay(start, max(left, start), max(left, start), arrived is None, False, backwards)
    if over:
        until = max(rule.slot[1], start)
        return Stay(start, until, until, arrived is None, True)
    until = max(town.now.hour * 60 + town.now.minute, start)
    return Stay(start, None, until, arrived is None, False)


def _gestures(town: Town, service: Service, day: date) -> list[Tap]:
    taps = town.child.taps
    undone = {tap.undoes for tap in taps if tap.how == "undo"}
    kept = [tap for number, tap in enumerate(taps) if tap.how != "undo" and number not in undone]
    return sorted(
        (tap for tap in kept if tap.at.date() == day and _service_of(town, tap) == service.ref), key=lambda t: t.at
    )


def _service_of(town: Town, tap: Tap) -> str | None:
    if tap.service is not None:
        return tap.service
    minute = tap.at.hour * 60 + tap.at.minute
    day = tap.at.date()
    candidates = []
    for service in town.services:
        if is_open(town, service, day):
            start, end = rule_on(service, day).slot
            away = start - minute if minute < start else minute - end + 1 if minute >= end else 0
            if away <= rule_on(service, day).grace:
                candidates.append((away, -start, service.ref))
    return min(candidates)[2] if candidates else None


def _visits(taps: list[Tap], rule: Rule) -> list[list[int | None]]:
    """Return [arrival, departure] minutes; a departure said first of all has no arrival."""
    visits: list[list[int | None]] = []
    inside = False
    before: datetime | None = None
    for tap in taps:
        soon = before is not None and (tap.at - before).total_seconds() < rule.anti_bounce_seconds
        before = tap.at
        if tap.how == "badge" and soon:
            continue
        if not rule.needs_departure or tap.how == "present":
            wanted = True
        elif tap.how == "left":
            wanted = False
        else:
            wanted = not inside
        minute = _minute(tap.at)
        if wanted and not inside:
            visits.append([minute, None])
        elif not wanted and inside:
            visits[-1][1] = minute
        elif not wanted and not visits:
            visits.append([None, minute])
        inside = wanted
    return visits


def situation_of(town: Town, service: Service, day: date, planned: Planned | None, stays: list[Stay]) -> str | None:
    """Name what happened; None when there is nothing to say."""
    absence = absence_on(town.child, service.ref, day)
    if stays:
        return "present" if planned else "present_unexpected"
    if planned is None:
        return None
    if absence is not None:
        return absence.kind
    if planned.absence_declared:
        return "absent_declared"
    return "absent_undecided" if is_over(town, service, day) else "planned"


def formula_of(
    town: Town, service: Service, day: date, planned: Planned | None, stays: list[Stay]
) -> Formula | None:
    """Return the planned formula, else the one whose minutes differ least from those of presence."""
    by_code = {formula.code: formula for formula in service.formulas}
    if planned is not None and planned.formula is not None:
        return by_code.get(planned.formula)
    if not stays or not by_code:
        return None
    start = max(min(stay.arrived for stay in stays), rule_on(service, day).slot[0])
    until = max(stay.until for stay in stays)
    there = {minute for minute in range(MINUTES_A_DAY) if start <= minute < until}

    def difference(formula: Formula) -> tuple[int, int, str]:
        span = set(range(formula.start, formula.end))
        return len(there ^ span), len(span), formula.code

    return min(by_code.values(), key=difference)


def _minute(moment: datetime | None) -> int:
    assert moment is not None
    return moment.hour * 60 + moment.minute


def _holds(since: date, until: date | None, day: date) -> bool:
    return since <= day and (until is None or day < until)
