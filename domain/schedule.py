"""When a service is open at a place, and who is expected there: pure rules, rows in and sets out.

The live pages and the terminals' rosters use this; the warehouse has its twin in SQL
(`int_calendar__service_days`, `int_attendance__expected`) and a property test holds the two equal.

Opening (domain notes §4, §5). A service is open on a day at a place when all of these hold:

1. it is offered there that day;
2. the rule in force — the place's own before the general one, then the latest that has begun — has that weekday;
3. the calendar agrees with the rule's period: `school` wants a day inside a school year that is no holiday of any
   kind, `holiday` a school holiday, `any` any day; a public holiday or a closure shuts all three;
4. no closure or strike for everybody there covers its whole slot.

Expectation (domain notes §5, §6). One place at most per child × service × day:

1. the last booking that is not « wait » decides alone: « book » and « accept » expect the child at the booking's
   place, in the booking's formula or else the pattern's, at the booking's minutes or else, unless it names a
   formula, the pattern's; « cancel », « absence » and « refuse » do not;
2. without one, a weekly pattern in force that day decides;
3. either way an enrolment of that child, service and place must be in force, the service open there, and no event
   that covers the whole slot takes the child's class away or shuts it.

Where two patterns speak of one day, the enrolment begun last wins (then the highest enrolment id); inside it the
pattern begun last, then one week of the cycle over every week, then the highest pattern id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

PUBLIC_HOLIDAY, SCHOOL_HOLIDAY, BRIDGE, CLOSURE = "public_holiday", "school_holiday", "bridge", "closure"
OUTING, STRIKE_SERVED = "outing", "strike_served"
_SHUT_NOTHING = frozenset({OUTING, STRIKE_SERVED})
_SHUT = frozenset({PUBLIC_HOLIDAY, CLOSURE})
_NO_SCHOOL = _SHUT | {SCHOOL_HOLIDAY, BRIDGE}
EXPECTING_ACTIONS = frozenset({"book", "accept"})
UNDECIDED_ACTION = "wait"


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is known of days: school years [from, to), and the kinds of special days by date."""

    school_years: tuple[tuple[date, date], ...] = ()
    everywhere: Mapping[date, frozenset[str]] = field(default_factory=dict)
    of_structure: Mapping[tuple[int, date], frozenset[str]] = field(default_factory=dict)

    def kinds(self, structure_id: int, day: date) -> frozenset[str]:
        """Return the kinds of special day that this is at a place."""
        nothing: frozenset[str] = frozenset()
        return self.everywhere.get(day, nothing) | self.of_structure.get((structure_id, day), nothing)

    def allows(self, period: str, structure_id: int, day: date) -> bool:
        """Return whether a service of that period (`school`, `holiday`, `any`) may open there that day."""
        kinds = self.kinds(structure_id, day)
        if period == "school":
            return not kinds & _NO_SCHOOL and any(start <= day < end for start, end in self.school_years)
        if period == "holiday":
            return SCHOOL_HOLIDAY in kinds and not kinds & _SHUT
        return not kinds & _SHUT


@dataclass(frozen=True, slots=True)
class Offer:
    """A service offered at a place over [valid_from, valid_to)."""

    service_id: int
    structure_id: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class OpeningRule:
    """The part of a service rule that opens it; `weekday_mask` has bit 0 for Monday, no structure = everywhere."""

    rule_id: int
    service_id: int
    structure_id: int | None
    valid_from: date
    period: str
    weekday_mask: int
    slot_start_minute: int = 0
    slot_end_minute: int = 1440


@dataclass(frozen=True, slots=True)
class Event:
    """A closure, outing or strike over days `[starts_on, ends_on)`; None = all of them, or the whole day.

    A `strike_served` shuts nothing: fewer come, and the kitchen wants to know.
    """

    kind: str
    starts_on: date
    ends_on: date
    structure_id: int | None = None
    class_id: int | None = None
    service_id: int | None = None
    start_minute: int | None = None
    end_minute: int | None = None

    def covers(self, offer: Offer, day: date, rule: OpeningRule) -> bool:
        """Return whether it takes the whole slot of a service at a place on a day."""
        return (
            self.starts_on <= day < self.ends_on
            and self.structure_id in (None, offer.structure_id)
            and self.service_id in (None, offer.service_id)
            and (self.start_minute is None or self.start_minute <= rule.slot_start_minute)
            and (self.end_minute is None or rule.slot_end_minute <= self.end_minute)
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """A service open at a place on a day, under the rule in force, but for the classes that are away or shut."""

    service_id: int
    structure_id: int
    day: date
    rule_id: int
    without_classes: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Membership:
    """A child in a class over [valid_from, valid_to)."""

    child_id: int
    class_id: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class WeekPattern:
    """A weekday (0 = Monday) of every week, or of week A or B of a cycle that starts on the anchor's Monday."""

    pattern_id: int
    weekday: int
    week_cycle: str | None
    cycle_anchor_on: date | None
    valid_from: date
    valid_to: date | None
    formula: str | None
    start_minute: int | None = None
    end_minute: int | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentSchedule:
    """An enrolment over [valid_from, valid_to) with its weekly patterns."""

    enrolment_id: int
    child_id: int
    service_id: int
    structure_id: int
    valid_from: date
    valid_to: date | None
    patterns: tuple[WeekPattern, ...]


@dataclass(frozen=True, slots=True)
class BookingLine:
    """One booking row of a child × service × day; the highest `seq` that is not « wait » stands."""

    child_id: int
    service_id: int
    structure_id: int
    day: date
    seq: int
    action: str
    formula: str | None
    start_minute: int | None = None
    end_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """A child expected at a service and place on a day, in a formula or at local minutes where they are chosen."""

    child_id: int
    service_id: int
    structure_id: int
    day: date
    formula: str | None
    start_minute: int | None = None
    end_minute: int | None = None


def in_force(day: date, valid_from: date, valid_to: date | None) -> bool:
    """Return whether a day lies in the half-open range; no end means still in force."""
    return valid_from <= day and (valid_to is None or day < valid_to)


def days_between(first_day: date, last_day: date) -> Iterator[date]:
    """Yield every day from the first to the last, both included."""
    for offset in range((last_day - first_day).days + 1):
        yield first_day + timedelta(days=offset)


def cycle_week(day: date, anchor_on: date) -> str:
    """Return « A » or « B »: the week of a two-week cycle that began on the anchor's Monday.

    An anchor and not the ISO week's parity: the year 2026 has 53 weeks (CAF notes §8).
    """
    return "AB"[(day - anchor_on).days // 7 % 2]


def rule_in_force(rules: Iterable[OpeningRule], structure_id: int, day: date) -> OpeningRule | None:
    """Return the rule of one service that holds at a place on a day, None when none has begun."""
    begun = [rule for rule in rules if rule.structure_id in (None, structure_id) and rule.valid_from <= day]
    return max(begun, key=lambda rule: (rule.structure_id is not None, rule.valid_from), default=None)


def openings(
    offers: Iterable[Offer],
    rules: Iterable[OpeningRule],
    calendar: Calendar,
    days: Iterable[date],
    events: Sequence[Event] = (),
) -> set[Opening]:
    """Return every service × place × day that is open among the given days."""
    of_service: dict[int, list[OpeningRule]] = {}
    for rule in rules:
        of_service.setdefault(rule.service_id, []).append(rule)
    offered, wanted = list(offers), list(days)
    found: set[Opening] = set()
    for offer in offered:
        for day in wanted:
            if not in_force(day, offer.valid_from, offer.valid_to):
                continue
            held = rule_in_force(of_service.get(offer.service_id, ()), offer.structure_id, day)
            if (
                held is not None
                and held.weekday_mask >> day.weekday() & 1
                and calendar.allows(held.period, offer.structure_id, day)
            ):
                hit = [event for event in events if event.covers(offer, day, held)]
                if not any(event.class_id is None and event.kind not in _SHUT_NOTHING for event in hit):
                    shut = frozenset(event.class_id for event in hit if event.class_id is not None)
                    found.add(Opening(offer.service_id, offer.structure_id, day, held.rule_id, shut))
    return found


def expectations(
    enrolments: Iterable[EnrolmentSchedule],
    bookings: Iterable[BookingLine],
    opened: Iterable[Opening],
    memberships: Iterable[Membership] = (),
) -> set[Expectation]:
    """Return who is expected, for the days that `opened` names; `memberships` say who is in a class that is not."""
    days_of: dict[tuple[int, int], list[date]] = {}
    without: dict[tuple[int, int, date], frozenset[int]] = {}
    for opening in opened:
        days_of.setdefault((opening.service_id, opening.structure_id), []).append(opening.day)
        if opening.without_classes:
            without[opening.service_id, opening.structure_id, opening.day] = opening.without_classes
    classes = _by_child(memberships)
    by_pattern: dict[tuple[int, int, date], Expectation] = {}
    enrolled: set[tuple[int, int, int, date]] = set()
    for enrolment in sorted(enrolments, key=lambda e: (e.valid_from, e.enrolment_id)):
        for day in days_of.get((enrolment.service_id, enrolment.structure_id), ()):
            shut = without.get((enrolment.service_id, enrolment.structure_id, day), frozenset())
            is_away = bool(shut) and any(
                each.class_id in shut and in_force(day, each.valid_from, each.valid_to)
                for each in classes.get(enrolment.child_id, ())
            )
            if not is_away and in_force(day, enrolment.valid_from, enrolment.valid_to):
                enrolled.add((enrolment.child_id, enrolment.service_id, enrolment.structure_id, day))
                _expect_by_pattern(by_pattern, enrolment, day)
    for booking in _standing(bookings):
        _apply_booking(by_pattern, enrolled, booking)
    return set(by_pattern.values())


def _by_child(memberships: Iterable[Membership]) -> dict[int, list[Membership]]:
    found: dict[int, list[Membership]] = {}
    for each in memberships:
        found.setdefault(each.child_id, []).append(each)
    return found


def _expect_by_pattern(
    found: dict[tuple[int, int, date], Expectation], enrolment: EnrolmentSchedule, day: date
) -> None:
    """Put the enrolment's expectation for a day, over that of an enrolment begun earlier."""
    fitting = [pattern for pattern in enrolment.patterns if _fits(pattern, day)]
    if fitting:
        best = max(fitting, key=lambda p: (p.valid_from, p.week_cycle is not None, p.pattern_id))
        found[enrolment.child_id, enrolment.service_id, day] = Expectation(
            enrolment.child_id,
            enrolment.service_id,
            enrolment.structure_id,
            day,
            best.formula,
            best.start_minute,
            best.end_minute,
        )


def _fits(pattern: WeekPattern, day: date) -> bool:
    if pattern.weekday != day.weekday() or not in_force(day, pattern.valid_from, pattern.valid_to):
        return False
    return pattern.cycle_anchor_on is None or pattern.week_cycle == cycle_week(day, pattern.cycle_anchor_on)


def _standing(bookings: Iterable[BookingLine]) -> Iterable[BookingLine]:
    last: dict[tuple[int, int, date], BookingLine] = {}
    for booking in sorted(bookings, key=lambda b: b.seq):
        if booking.action != UNDECIDED_ACTION:
            last[booking.child_id, booking.service_id, booking.day] = booking
    return last.values()


def _apply_booking(
    found: dict[tuple[int, int, date], Expectation],
    enrolled: set[tuple[int, int, int, date]],
    booking: BookingLine,
) -> None:
    key = (booking.child_id, booking.service_id, booking.day)
    by_pattern = found.pop(key, None)
    if booking.action not in EXPECTING_ACTIONS:
        return
    if (booking.child_id, booking.service_id, booking.structure_id, booking.day) not in enrolled:
        return
    said = booking if booking.formula or booking.start_minute is not None or by_pattern is None else by_pattern
    formula = booking.formula or (by_pattern.formula if by_pattern is not None else None)
    found[key] = Expectation(
        booking.child_id,
        booking.service_id,
        booking.structure_id,
        booking.day,
        formula,
        said.start_minute,
        said.end_minute,
    )
