"""Transport: lines, their stops, who boards and alights where, and the list that goes with the bus (notes §5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.french import plural
from records.actors import Actor, Right
from records.database import Records
from records.models import Enrolment, Person, Service, Structure, TransportLine, TransportSeat, TransportStop
from records.operations.attendance import expected
from records.operations.lookup import add, by_ref, in_force_on, invalid, refuse_known
from records.operations.registry import Scope, operation
from records.operations.versions import Range, check_range, close, overlap

DIRECTIONS = ("outward", "return")
Segment = tuple[int, int]


@dataclass(frozen=True, slots=True)
class NewStop:
    """A stop of a line, in the order of the journey; `local_minute` is when the bus is there."""

    label: str
    local_minute: int
    structure_ref: str | None = None


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line in one direction with its stops; only lists when `operated_by` another authority."""

    ref: str
    service_ref: str
    label: str
    direction: str
    valid_from: date
    stops: tuple[NewStop, ...]
    is_billed: bool = True
    operated_by: str | None = None
    seats: int | None = None


@dataclass(frozen=True, slots=True)
class NewSeat:
    """Where an enrolled person boards and alights, by the stops' positions; no weekday: each of their days."""

    enrolment_ref: str
    line_ref: str
    boards_at: int
    alights_at: int
    valid_from: date
    valid_to: date | None = None
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Traveller:
    """A person on the list: nothing more than who they are."""

    person_ref: str
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class StopList:
    """Who boards and who alights at a stop, by name."""

    position: int
    label: str
    local_minute: int
    boarding: tuple[Traveller, ...]
    alighting: tuple[Traveller, ...]


@dataclass(frozen=True, slots=True)
class LineList:
    """The list of a line on a day, to print: its stops, and those expected to whom nobody gave a stop."""

    line_ref: str
    label: str
    direction: str
    operated_by: str | None
    day: date
    stops: tuple[StopList, ...]
    without_stop: tuple[Traveller, ...]

    @property
    def travellers(self) -> int:
        """How many board."""
        return sum(len(stop.boarding) for stop in self.stops)


@operation(Right.EDIT_REFERENCE)
def add_transport_line(records: Records, actor: Actor, line: NewLine) -> int:
    """Add a line with its stops; returns its id."""
    _check_line(line)
    with records.write(actor, "add_transport_line") as write:
        session = write.session
        refuse_known(session, TransportLine, [line.ref])
        row = TransportLine(
            ref=line.ref,
            service_id=by_ref(session, Service, line.service_ref).id,
            label=line.label,
            direction=line.direction,
            operated_by=line.operated_by,
            is_billed=line.is_billed,
            seats=line.seats,
            valid_from=line.valid_from,
        )
        line_id = add(write, row)
        for position, stop in enumerate(line.stops, 1):
            structure_id = None if stop.structure_ref is None else by_ref(session, Structure, stop.structure_ref).id
            values = {"label": stop.label, "local_minute": stop.local_minute, "valid_from": line.valid_from}
            add(write, TransportStop(line_id=line_id, position=position, structure_id=structure_id, **values))
        return line_id


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def give_seat(records: Records, actor: Actor, seat: NewSeat) -> int:
    """Say where somebody boards and alights; returns the seat's id.

    Refused: an enrolment of another service, stops in the wrong order, a second seat of the same days, a full bus.
    """
    check_range(seat.valid_from, seat.valid_to)
    with records.write(actor, "give_seat") as write:
        session = write.session
        enrolment = by_ref(session, Enrolment, seat.enrolment_ref)
        actor.require(Right.EDIT_ENROLMENTS, enrolment.structure_id)
        line = by_ref(session, TransportLine, seat.line_ref)
        if enrolment.service_id != line.service_id:
            raise invalid(f"L'inscription n'est pas celle du transport « {line.label} ».", enrolment=enrolment.ref)
        if seat.weekday is not None and not 0 <= seat.weekday <= 6:
            raise invalid("Jour de semaine inconnu.", weekday=seat.weekday)
        stops = _stops(session, line.id, seat.valid_from)
        if not {seat.boards_at, seat.alights_at} <= stops.keys() or seat.boards_at >= seat.alights_at:
            raise invalid("La montée et la descente sont deux arrêts de la ligne, dans l'ordre du trajet.")
        _refuse_taken(session, enrolment, line, seat)
        row = TransportSeat(
            enrolment_id=enrolment.id,
            line_id=line.id,
            weekday=seat.weekday,
            boards_at_id=stops[seat.boards_at].id,
            alights_at_id=stops[seat.alights_at].id,
            valid_from=seat.valid_from,
            valid_to=seat.valid_to,
        )
        return add(write, row)


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def end_seat(records: Records, actor: Actor, seat_id: int, day: date) -> bool:
    """End where somebody boards and alights: `day` is the first day without; False when it ended then.

    Another seat may then be given from that day on: a child who changes stops. Raises InvalidData.
    """
    with records.write(actor, "end_seat") as write:
        row = write.session.get(TransportSeat, seat_id)
        if row is None:
            raise invalid("Cette place dans le car n'existe plus. Rechargez la page.", seat_id=seat_id)
        actor.require(Right.EDIT_ENROLMENTS, write.session.get_one(Enrolment, row.enrolment_id).structure_id)
        return close(write, row, day)


@operation(Right.SEE_PRESENCE, Scope.PLACE)
def transport_list(records: Records, actor: Actor, line_ref: str, day: date) -> LineList:
    """Return who boards and alights at each stop on a day: those expected, at the actor's places."""
    with records.read() as session:
        line = by_ref(session, TransportLine, line_ref)
        allowed = actor.structures_with(Right.SEE_PRESENCE)
        awaited = {
            each.child_id
            for each in expected(session, None, day, day)
            if each.service_id == line.service_id and (allowed is None or each.structure_id in allowed)
        }
        people = {p.id: p for p in session.scalars(select(Person).where(Person.id.in_(awaited)))}
        seats = {row.person_id: row for row in _seats_on(session, line.id, day) if row.person_id in awaited}
        told = tuple(
            StopList(
                stop.position,
                stop.label,
                stop.local_minute,
                _by_name(people[each] for each, seat in seats.items() if seat.boards_at_id == stop.id),
                _by_name(people[each] for each, seat in seats.items() if seat.alights_at_id == stop.id),
            )
            for _, stop in sorted(_stops(session, line.id, day).items())
        )
        elsewhere = _seated_elsewhere(session, line, day)
        without = _by_name(people[each] for each in awaited - seats.keys() - elsewhere)
        return LineList(line.ref, line.label, line.direction, line.operated_by, day, told, without)


def _check_line(line: NewLine) -> None:
    if line.direction not in DIRECTIONS:
        raise invalid(f"Sens inconnu : « {line.direction} ».", direction=line.direction)
    minutes = [stop.local_minute for stop in line.stops]
    if len(minutes) < 2 or minutes != sorted(minutes) or not 0 <= minutes[0] <= minutes[-1] < 24 * 60:
        raise invalid("Une ligne a au moins deux arrêts, dans l'ordre des heures, le même jour.", line=line.ref)
    if line.seats is not None and line.seats < 1:
        raise invalid("Un car a au moins une place ; sans nombre de places, rien n'est compté.", line=line.ref)


def _stops(session: Session, line_id: int, day: date) -> dict[int, TransportStop]:
    rows = session.scalars(
        select(TransportStop)
        .where(
            TransportStop.line_id == line_id, *in_force_on(day, TransportStop.valid_from, TransportStop.valid_to)
        )
        .order_by(TransportStop.valid_from)
    )
    return {row.position: row for row in rows}


@dataclass(frozen=True, slots=True)
class _Seated:
    person_id: int
    boards_at_id: int
    alights_at_id: int


def _seats_on(session: Session, line_id: int, day: date) -> list[_Seated]:
    """Return the seats of a line on a day; one given for that weekday stands over that of each day."""
    rows = session.execute(
        select(TransportSeat, Enrolment.person_id)
        .join(Enrolment, Enrolment.id == TransportSeat.enrolment_id)
        .where(
            TransportSeat.line_id == line_id,
            or_(TransportSeat.weekday.is_(None), TransportSeat.weekday == day.weekday()),
            *in_force_on(day, TransportSeat.valid_from, TransportSeat.valid_to),
        )
        .order_by(TransportSeat.weekday.is_not(None), TransportSeat.valid_from, TransportSeat.id)
    )
    return [_Seated(person_id, seat.boards_at_id, seat.alights_at_id) for seat, person_id in rows]


def _seated_elsewhere(session: Session, line: TransportLine, day: date) -> set[int]:
    """Return who has a seat on another line of the same service and direction that day."""
    others = session.scalars(
        select(TransportLine.id).where(
            TransportLine.service_id == line.service_id,
            TransportLine.direction == line.direction,
            TransportLine.id != line.id,
        )
    )
    return {seat.person_id for other in others for seat in _seats_on(session, other, day)}


def _refuse_taken(session: Session, enrolment: Enrolment, line: TransportLine, seat: NewSeat) -> None:
    """Raise InvalidData for a second seat of the same days, or where the bus is full between two stops."""
    asked: Range = (seat.valid_from, seat.valid_to)
    rows = session.scalars(select(TransportSeat).where(TransportSeat.line_id == line.id)).all()
    at_once = [each for each in rows if overlap((each.valid_from, each.valid_to), asked)]
    mine = [each for each in at_once if each.enrolment_id == enrolment.id]
    if any(each.weekday == seat.weekday for each in mine):
        raise invalid(
            "Un trajet est déjà donné pour ces jours sur cette ligne : terminez-le d'abord.",
            enrolment=enrolment.ref,
        )
    if line.seats is None:
        return
    positions = dict(_positions(session, line.id))
    days = range(7) if seat.weekday is None else (seat.weekday,)
    others = [each for each in at_once if each.enrolment_id != enrolment.id]
    for weekday in days:
        sharing = [
            (positions[each.boards_at_id], positions[each.alights_at_id])
            for each in others
            if each.weekday in (None, weekday)
        ]
        if _fullest(sharing, (seat.boards_at, seat.alights_at)) >= line.seats:
            raise invalid(
                f"Le car « {line.label} » est complet sur ce trajet : {plural(line.seats, 'place')}.", line=line.ref
            )


def _positions(session: Session, line_id: int) -> list[tuple[int, int]]:
    rows = session.execute(select(TransportStop.id, TransportStop.position).where(TransportStop.line_id == line_id))
    return [(stop_id, position) for stop_id, position in rows]


def _fullest(others: Sequence[Segment], asked: Segment) -> int:
    """Return how many others ride between the two stops where they are most."""
    return max(sum(start <= stop < end for start, end in others) for stop in range(*asked))


def _by_name(people: Iterable[Person]) -> tuple[Traveller, ...]:
    found = sorted(people, key=lambda person: (person.search_key, person.id))
    return tuple(Traveller(each.ref, each.first_name, each.used_name or each.last_name) for each in found)
