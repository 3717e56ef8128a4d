"""Reading the rows that `domain.schedule` decides on: what is open, who is enrolled, what was booked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.schedule import (
    BookingLine,
    Calendar,
    EnrolmentSchedule,
    Event,
    Membership,
    Offer,
    Opening,
    OpeningRule,
    WeekPattern,
    days_between,
    openings,
)
from records.models import (
    Booking,
    CalendarDay,
    CalendarEvent,
    ClassMembership,
    Collectivity,
    Enrolment,
    EnrolmentPattern,
    Person,
    SchoolYear,
    ServicePlace,
    ServiceRule,
)
from records.models.collectivity import WHOLE_COUNTRY
from records.operations.merged import kept_ids, unmerged


def service_days(
    session: Session, first_day: date, last_day: date, structure_id: int | None = None, *, with_events: bool = True
) -> set[Opening]:
    """Return every service × place × day open from the first day to the last, both included; of one place or all.

    Without events: as if no closure, strike or outing had been announced.
    """
    offers = session.scalars(
        select(ServicePlace).where(
            ServicePlace.valid_from <= last_day,
            or_(ServicePlace.valid_to.is_(None), ServicePlace.valid_to > first_day),
            *([] if structure_id is None else [ServicePlace.structure_id == structure_id]),
        )
    )
    return openings(
        [Offer(o.service_id, o.structure_id, o.valid_from, o.valid_to) for o in offers],
        opening_rules(session, last_day),
        load_calendar(session, first_day, last_day),
        days_between(first_day, last_day),
        events_of(session, first_day, last_day) if with_events else (),
    )


def events_of(session: Session, first_day: date, last_day: date) -> list[Event]:
    """Return the events of those days, both included, that nobody took back."""
    rows = session.scalars(
        select(CalendarEvent).where(
            CalendarEvent.starts_on <= last_day,
            CalendarEvent.ends_on > first_day,
            CalendarEvent.cancelled_at.is_(None),
        )
    )
    return [
        Event(
            e.kind, e.starts_on, e.ends_on, e.structure_id, e.class_id, e.service_id, e.start_minute, e.end_minute
        )
        for e in rows
    ]


def memberships_of(session: Session, opened: Iterable[Opening]) -> list[Membership]:
    """Return who is in the classes that some opening is without."""
    classes = {class_id for each in opened for class_id in each.without_classes}
    if not classes:
        return []
    rows = session.scalars(
        select(ClassMembership).where(ClassMembership.class_id.in_(classes), unmerged(ClassMembership.person_id))
    )
    return [Membership(row.person_id, row.class_id, row.valid_from, row.valid_to) for row in rows]


def opening_rules(session: Session, last_day: date) -> list[OpeningRule]:
    """Return the rules of every service that have begun by a day."""
    rules = session.scalars(select(ServiceRule).where(ServiceRule.valid_from <= last_day))
    return [
        OpeningRule(
            r.id,
            r.service_id,
            r.structure_id,
            r.valid_from,
            r.period,
            r.weekday_mask,
            r.slot_start_minute,
            r.slot_end_minute,
        )
        for r in rules
    ]


def load_calendar(session: Session, first_day: date, last_day: date) -> Calendar:
    """Return the calendar of the collectivity's zone and of its structures over those days."""
    zone = session.scalar(select(Collectivity.school_zone))
    years = session.execute(
        select(SchoolYear.starts_on, SchoolYear.ends_on).where(
            SchoolYear.starts_on <= last_day, SchoolYear.ends_on > first_day
        )
    )
    everywhere: dict[date, frozenset[str]] = {}
    of_structure: dict[tuple[int, date], frozenset[str]] = {}
    for row in session.scalars(select(CalendarDay).where(CalendarDay.day.between(first_day, last_day))):
        if row.structure_id is not None:
            key = (row.structure_id, row.day)
            of_structure[key] = of_structure.get(key, frozenset()) | {row.kind}
        elif row.zone in (WHOLE_COUNTRY, zone):
            everywhere[row.day] = everywhere.get(row.day, frozenset()) | {row.kind}
    return Calendar(tuple((start, end) for start, end in years), everywhere, of_structure)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose rows to read: everybody's, those of some people, or of the people enrolled at a structure.

    A structure's people with all their places: another place may take precedence.
    """

    structure_id: int | None = None
    people: frozenset[int] | None = None

    def only(self, column: InstrumentedAttribute[int], merged: Collection[int] = ()) -> list[ColumnElement[bool]]:
        """Return the conditions on a column that names the person; `merged` are let in too: they are few."""
        if self.people is not None:
            return [column.in_([*self.people, *merged])]
        if self.structure_id is not None:
            enrolled_there = select(Enrolment.person_id).where(Enrolment.structure_id == self.structure_id)
            return [or_(column.in_(enrolled_there), column.in_(list(merged)))]
        return []


EVERYBODY = Whose()


def enrolment_schedules(
    session: Session, first_day: date, last_day: date, whose: Whose = EVERYBODY
) -> list[EnrolmentSchedule]:
    """Return the enrolments in force on some day of the range, with the patterns that may speak of it."""
    wanted = [
        Enrolment.valid_from <= last_day,
        or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > first_day),
        *whose.only(Enrolment.person_id),
    ]
    return schedules_of(
        session,
        wanted,
        [
            EnrolmentPattern.weekday.in_({day.weekday() for day in days_between(first_day, last_day)}),
            EnrolmentPattern.valid_from <= last_day,
            or_(EnrolmentPattern.valid_to.is_(None), EnrolmentPattern.valid_to > first_day),
        ],
    )


def schedules_of(
    session: Session, enrolments: Sequence[ColumnElement[bool]], patterns: Sequence[ColumnElement[bool]]
) -> list[EnrolmentSchedule]:
    """Return the enrolments that meet the conditions, each with its patterns that meet theirs.

    One that stayed with a merged person contradicted the kept one's, and counts no more.
    """
    enrolments = [*enrolments, unmerged(Enrolment.person_id)]
    of_enrolment = _patterns(session, [*enrolments, *patterns])
    rows = session.execute(
        select(
            Enrolment.id,
            Enrolment.person_id,
            Enrolment.service_id,
            Enrolment.structure_id,
            Enrolment.valid_from,
            Enrolment.valid_to,
        ).where(*enrolments)
    )
    return [EnrolmentSchedule(*row, patterns=tuple(of_enrolment.get(row.id, ()))) for row in rows]


def _patterns(session: Session, conditions: Sequence[ColumnElement[bool]]) -> dict[int, list[WeekPattern]]:
    pattern = EnrolmentPattern
    rows = session.execute(
        select(
            pattern.enrolment_id,
            pattern.id,
            pattern.weekday,
            pattern.week_cycle,
            pattern.cycle_anchor_on,
            pattern.valid_from,
            pattern.valid_to,
            pattern.formula,
            pattern.start_minute,
            pattern.end_minute,
        )
        .join(Enrolment, Enrolment.id == pattern.enrolment_id)
        .where(*conditions)
    )
    found: dict[int, list[WeekPattern]] = {}
    for enrolment_id, *pattern_row in rows:
        found.setdefault(enrolment_id, []).append(WeekPattern(*pattern_row))
    return found


def booking_lines(session: Session, first_day: date, last_day: date, whose: Whose = EVERYBODY) -> list[BookingLine]:
    """Return the booking rows of those days, both included, of whoever was merged under the person kept.

    Two merged people each had their own `seq`: the order of recording is that of the ids.
    """
    kept = kept_ids(session, Person)
    wanted = whose.only(Booking.person_id, kept.kept.keys())
    rows = session.execute(
        select(
            Booking.person_id,
            Booking.service_id,
            Booking.structure_id,
            Booking.day,
            Booking.id,
            Booking.action,
            Booking.formula,
            Booking.start_minute,
            Booking.end_minute,
        ).where(Booking.day.between(first_day, last_day), *wanted)
    )
    return [BookingLine(kept.of(row.person_id), *row[1:]) for row in rows]
