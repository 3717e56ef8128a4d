"""Who is here now, by place and service: the day's taps beside who is expected. The rule is `domain.attendance`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.attendance import (
    ChildService,
    DayService,
    PlacedTap,
    Settled,
    SettledStay,
    UnresolvedTap,
    place_of,
    resolve,
    settled_stays,
    standing,
)
from domain.schedule import Expectation, expectations
from domain.time import local_day, local_minute
from records.actors import Actor, OwnClass, Right
from records.database import Records
from records.models import ClassMembership, Person, SchoolClass, Service, Structure
from records.operations.lookup import chunks, in_force_on
from records.operations.merged import unmerged
from records.operations.presence_board import (
    ChildPresence,
    PresenceBoard,
    ServicePresence,
    UnknownPresence,
    Whereabouts,
)
from records.operations.presence_rows import (
    DayDecisions,
    badge_children,
    day_taps,
    offered_services,
    subjects_of,
)
from records.operations.registry import Scope, operation
from records.operations.schedule import Whose, booking_lines, enrolment_schedules, memberships_of, service_days

_MINUTES_A_DAY = 1440


@operation(Right.SEE_PRESENCE, Scope.CLASS)
def presence_now(
    records: Records, actor: Actor, day: date, now: int, structure_id: int | None = None
) -> PresenceBoard:
    """Return who is where on a day, as known at `now` (µs UTC): one structure, or all those the actor may see.

    A teacher sees the pupils of their own classes of that day, and no unknown presence.
    """
    taught = {each.structure_id for each in actor.classes_with(Right.SEE_PRESENCE)}
    if structure_id is not None and structure_id not in taught:
        actor.require(Right.SEE_PRESENCE, structure_id)
    allowed = actor.structures_with(Right.SEE_PRESENCE)
    with records.read() as session:
        asked = {
            place.id: place
            for place in session.scalars(select(Structure).order_by(Structure.name, Structure.ref))
            if structure_id in (None, place.id)
        }
        whole = {id_: place for id_, place in asked.items() if allowed is None or id_ in allowed}
        board = DayBoard(session, day, now, whole).build()
        partly = {id_: place for id_, place in asked.items() if id_ in taught and id_ not in whole}
        if not partly:
            return board
        pupils = pupils_of(session, actor.classes_with(Right.SEE_PRESENCE), day)
        own = DayBoard(session, day, now, partly, pupils).build()
        services = sorted((*board.services, *own.services), key=_by_place_and_hour)
        return replace(board, services=tuple(services))


def pupils_of(session: Session, classes: Iterable[OwnClass], day: date) -> frozenset[int]:
    """Return the people who are in these classes on a day."""
    return frozenset(
        session.scalars(
            select(ClassMembership.person_id).where(
                ClassMembership.class_id.in_([each.class_id for each in classes]),
                unmerged(ClassMembership.person_id),
                *in_force_on(day, ClassMembership.valid_from, ClassMembership.valid_to),
            )
        )
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known of one child at one place and service."""

    child_id: int
    stays: list[SettledStay]
    decision: str | None
    expectation: Expectation | None


class DayBoard:
    """The rows of one day at some places, on their way to a board: of everybody, or of some people only."""

    def __init__(
        self,
        session: Session,
        day: date,
        now: int,
        places: Mapping[int, Structure],
        people: frozenset[int] | None = None,
    ) -> None:
        self.session, self.day, self.now, self.places, self.people = session, day, now, places, people
        self.services = {service.ref: service for service in session.scalars(select(Service))}
        self.offered = offered_services(session, places, day)

    def build(self) -> PresenceBoard:
        """Return the board."""
        decisions = DayDecisions(self.session, self.places, self.day, self.people)
        subjects = None if self.people is None else subjects_of(self.session, self.people, self.day)
        taps = day_taps(self.session, self.places, self.day, decisions.attached.keys(), subjects)
        badges = badge_children(self.session, {tap.badge_uid for tap in taps if tap.badge_uid}, self.day)
        placed, unresolved = resolve(taps, badges, decisions.attached, self.offered)
        settled = {key: standing(lines) for key, lines in decisions.lines.items()}
        seen = self._seen(placed, settled, self._expected())
        names = _Names(self.session, {child.child_id for children in seen.values() for child in children}, self.day)
        shown = set(seen) | {
            (place_id, ref) for place_id, each in self.offered.items() for ref in each if each[ref].is_open
        }
        return PresenceBoard(
            self.day,
            self.now,
            tuple(self._service(*key, seen.get(key, []), names) for key in sorted(shown, key=self._order)),
            tuple(self._unknown(each) for each in sorted(unresolved, key=lambda each: each.tap.tap.occurred_at)),
        )

    def _expected(self) -> dict[ChildService, Expectation]:
        only = next(iter(self.places)) if len(self.places) == 1 else None
        whose = Whose(structure_id=only, people=self.people)
        refs = {service.id: ref for ref, service in self.services.items()}
        opened = service_days(self.session, self.day, self.day)
        found = expectations(
            enrolment_schedules(self.session, self.day, self.day, whose),
            booking_lines(self.session, self.day, self.day, whose),
            opened,
            memberships_of(self.session, opened),
        )
        return {(each.child_id, refs[each.service_id]): each for each in found if each.structure_id in self.places}

    def _seen(
        self,
        placed: Mapping[ChildService, list[PlacedTap]],
        settled: Mapping[ChildService, Settled],
        expected: Mapping[ChildService, Expectation],
    ) -> dict[tuple[int, str], list[_Seen]]:
        """Return the children of each place × service; one seen elsewhere is still missing where expected."""
        found: dict[tuple[int, str], list[_Seen]] = {}
        for key in {*placed, *settled, *expected}:
            child_id, service_ref = key
            if self.people is not None and child_id not in self.people:
                continue  # an adult's badge brings children of another family too
            taps, decided, expectation = placed.get(key, []), settled.get(key, Settled()), expected.get(key)
            place_id = place_of(taps) if taps else decided.structure_id
            rule = self._offer(place_id, service_ref)
            # Whoever was seen is shown, whatever was decided for the bill: this page is for safety first.
            stays = [] if rule is None else settled_stays(taps, rule.rule, replace(decided, absence=None))
            if place_id is not None and rule is not None and stays:
                here = expectation if expectation is not None and expectation.structure_id == place_id else None
                found.setdefault((place_id, service_ref), []).append(_Seen(child_id, stays, decided.absence, here))
                expectation = None if here is not None else expectation
            if expectation is not None:
                found.setdefault((expectation.structure_id, service_ref), []).append(
                    _Seen(child_id, [], decided.absence, expectation)
                )
        return found

    def _offer(self, place_id: int | None, service_ref: str) -> DayService | None:
        return None if place_id is None else self.offered.get(place_id, {}).get(service_ref)

    def _order(self, key: tuple[int, str]) -> tuple[str, int, int, str]:
        place_id, service_ref = key
        return (
            self.places[place_id].name,
            place_id,
            self.offered[place_id][service_ref].slot.start_minute,
            service_ref,
        )

    def _minute_now(self, place: Structure) -> int:
        """Return the local minute of `now` on the day: before it -1, after it a whole day."""
        today = local_day(self.now, place.timezone)
        if today != self.day:
            return -1 if today < self.day else _MINUTES_A_DAY
        return local_minute(self.now, place.timezone)

    def _service(
        self, place_id: int, service_ref: str, children: Iterable[_Seen], names: _Names
    ) -> ServicePresence:
        place, service = self.places[place_id], self.services[service_ref]
        offer, minute = self.offered[place_id][service_ref], self._minute_now(self.places[place_id])
        presences = [self._child(each, offer, place, minute, names) for each in children]
        return ServicePresence(
            structure_id=place_id,
            structure_ref=place.ref,
            structure_name=place.name,
            service_ref=service_ref,
            service_label=service.label,
            service_kind=service.kind,
            slot_start_minute=offer.slot.start_minute,
            slot_end_minute=offer.slot.end_minute,
            is_open=offer.is_open,
            has_begun=minute >= offer.slot.start_minute,
            is_over=minute >= offer.slot.end_minute,
            needs_departure=offer.rule.needs_departure,
            children=tuple(sorted(presences, key=lambda child: names.order(child.child_id))),
        )

    def _child(self, seen: _Seen, offer: DayService, place: Structure, minute: int, names: _Names) -> ChildPresence:
        person = names.people[seen.child_id]
        arrived_at = seen.stays[0].arrived_at if seen.stays else None
        left_at = seen.stays[-1].left_at if seen.stays else None
        is_over = minute >= offer.slot.end_minute
        return ChildPresence(
            child_id=person.id,
            child_ref=person.ref,
            first_name=person.first_name,
            last_name=person.used_name or person.last_name,
            class_label=names.classes.get(person.id),
            whereabouts=_whereabouts(seen, offer, minute),
            is_expected=seen.expectation is not None,
            formula=None if seen.expectation is None else seen.expectation.formula,
            arrived_at=arrived_at,
            arrived_minute=None if arrived_at is None else local_minute(arrived_at, place.timezone),
            left_at=left_at,
            left_minute=None if left_at is None else local_minute(left_at, place.timezone),
            is_departure_missing=bool(seen.stays) and offer.rule.needs_departure and left_at is None and is_over,
            decision=seen.decision,
        )

    def _unknown(self, unresolved: UnresolvedTap) -> UnknownPresence:
        place = self.places[unresolved.tap.structure_id]
        return UnknownPresence(
            tap_id=unresolved.tap.tap.tap_id,
            structure_ref=place.ref,
            structure_name=place.name,
            occurred_at=unresolved.tap.tap.occurred_at,
            occurred_minute=unresolved.tap.minute,
            badge_uid=unresolved.tap.badge_uid,
            typed_name=unresolved.tap.typed_name,
            reason=unresolved.reason,
        )


class _Names:
    """The people on the board, and their classes of the day."""

    def __init__(self, session: Session, ids: set[int], day: date) -> None:
        self.people: dict[int, Person] = {}
        self.classes: dict[int, str] = {}
        for part in chunks(sorted(ids)):
            self.people.update({p.id: p for p in session.scalars(select(Person).where(Person.id.in_(part)))})
            rows = session.execute(
                select(ClassMembership.person_id, SchoolClass.name)
                .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
                .where(
                    ClassMembership.person_id.in_(part),
                    *in_force_on(day, ClassMembership.valid_from, ClassMembership.valid_to),
                )
                .order_by(ClassMembership.valid_from)
            )
            self.classes.update({person_id: name for person_id, name in rows})

    def order(self, person_id: int) -> tuple[str, int]:
        """Return the sorting key of a person: as in a list of names."""
        return self.people[person_id].search_key, person_id


def _by_place_and_hour(service: ServicePresence) -> tuple[str, int, int, str]:
    return service.structure_name, service.structure_id, service.slot_start_minute, service.service_ref


def _whereabouts(seen: _Seen, offer: DayService, minute: int) -> Whereabouts:
    """Return where a child is; where nobody taps a departure, the end of the slot is one."""
    if not seen.stays and seen.decision is not None:
        return Whereabouts.ABSENT
    if not seen.stays:
        return Whereabouts.MISSING if minute >= offer.slot.start_minute else Whereabouts.AWAITED
    if not offer.rule.needs_departure:
        return Whereabouts.LEFT if minute >= offer.slot.end_minute else Whereabouts.INSIDE
    return Whereabouts.INSIDE if seen.stays[-1].left_at is None else Whereabouts.LEFT
