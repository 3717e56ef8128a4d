"""The days of one place as those who run it look back on them: who lacked, who was fetched late, who came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.attendance import late_minutes, standing
from domain.schedule import days_between
from records.models import Enrolment, Service, ServiceRule, Structure
from records.operations.lookup import in_force_on
from records.operations.merged import unmerged
from records.operations.presence import DayBoard
from records.operations.presence_board import ChildPresence, PresenceBoard, ServicePresence
from records.operations.presence_rows import DayDecisions
from records.operations.schedule import service_days

BOOKING, NO_LINE = "booking", "no_line"


@dataclass(frozen=True, slots=True)
class SeenChild:
    """A child of a service on a day, and the rule in force there."""

    day: date
    service: ServicePresence
    child: ChildPresence
    rule: ServiceRule


@dataclass(frozen=True, slots=True)
class LateChild:
    """A child fetched late: how many minutes after the slot, and what was answered (None: nothing yet)."""

    seen: SeenChild
    minutes: int
    answer: str | None


@dataclass(frozen=True, slots=True)
class AttendedDay:
    """One day of one place: the board, the rules of what was open, and what was decided."""

    board: PresenceBoard
    rules: Mapping[str, ServiceRule]
    decisions: DayDecisions

    def undecided(self) -> Iterator[SeenChild]:
        """Yield those expected and not seen once the service is over, of whom nobody has decided.

        Where the bill rests on presence, or no presence means no line, there is nothing to decide.
        """
        for seen in self._children():
            is_asked = seen.rule.bill_basis == BOOKING and seen.rule.undecided_default != NO_LINE
            if is_asked and seen.service.is_over and seen.child in seen.service.missing:
                yield seen

    def late(self) -> Iterator[LateChild]:
        """Yield those fetched late, by a departure that was tapped or decided; one nobody noted is no lateness."""
        for seen in self._children():
            child, rule = seen.child, seen.rule
            if not seen.service.needs_departure or child.left_minute is None:
                continue
            minutes = late_minutes(child.left_minute, seen.service.slot_end_minute, rule.tolerance_minutes)
            if minutes:
                lines = self.decisions.lines.get((child.child_id, seen.service.service_ref), ())
                yield LateChild(seen, minutes, standing(lines).late)

    def present(self) -> Iterator[SeenChild]:
        """Yield those who came."""
        for seen in self._children():
            if seen.child in seen.service.inside or seen.child in seen.service.left:
                yield seen

    def _children(self) -> Iterator[SeenChild]:
        for service in self.board.services:
            rule = self.rules.get(service.service_ref)
            if rule is not None:
                for child in service.children:
                    yield SeenChild(self.board.day, service, child, rule)


def attended_days(
    session: Session, place: Structure, days: tuple[date, date], now: int, *, with_closed: bool = False
) -> Iterator[AttendedDay]:
    """Yield the days of a place on which something was open, or all of them, as known at `now` (µs UTC).

    `days` are the first and the last.
    """
    refs = {row.id: row.ref for row in session.execute(select(Service.id, Service.ref))}
    rules = {rule.id: rule for rule in session.scalars(select(ServiceRule))}
    opened: dict[date, dict[str, ServiceRule]] = {}
    for each in service_days(session, *days, place.id):
        opened.setdefault(each.day, {})[refs[each.service_id]] = rules[each.rule_id]
    places = {place.id: place}
    for day in days_between(*days) if with_closed else sorted(opened):
        board = DayBoard(session, day, now, places).build()
        yield AttendedDay(board, opened.get(day, {}), DayDecisions(session, places, day, None))


def enrolled_on(session: Session, day: date) -> set[tuple[int, int]]:
    """Return who is enrolled in what on a day, as person and service."""
    rows = session.execute(
        select(Enrolment.person_id, Enrolment.service_id).where(
            *in_force_on(day, Enrolment.valid_from, Enrolment.valid_to), unmerged(Enrolment.person_id)
        )
    )
    return {(person_id, service_id) for person_id, service_id in rows}
