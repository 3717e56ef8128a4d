"""Waiting for an enrolment: by priority, then date of receipt; a place is offered to the first (domain notes §5).

Single days wait as bookings (`records.operations.waiting`). A place of a séjour that is offered is nobody else's
until the offer lapses; a weekly place is judged day by day when the offer is accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from domain.errors import Conflict
from domain.french import long_date, typeset
from domain.schedule import in_force
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Person, Sejour, Service, ServicePlace, Structure, WaitingEntry
from records.operations.enrolments import NewEnrolment, write_enrolments
from records.operations.family_mail import tell_offer
from records.operations.lookup import add, by_ref, change, invalid, refuse_known
from records.operations.merged import kept_by_ref
from records.operations.registry import Scope, operation
from records.operations.sejours import check_age, free_places

WAITING, OFFERED, LAPSED = "waiting", "offered", "lapsed"


@dataclass(frozen=True, slots=True)
class NewWaiting:
    """A person who waits for a service at a place, or for a séjour; priority 1 comes first."""

    ref: str
    person_ref: str
    service_ref: str
    structure_ref: str
    wanted_from: date
    received_on: date
    priority: int = 2
    sejour_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody on the list: their rank (None once offered) and until when the offer stands."""

    ref: str
    person_ref: str
    first_name: str
    last_name: str
    rank: int | None
    state: str
    priority: int
    received_on: date
    wanted_from: date
    offered_until: date | None


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def wait_for_place(records: Records, actor: Actor, waiting: NewWaiting) -> int:
    """Put somebody on the list; returns their rank, from 1."""
    with records.write(actor, "wait_for_place") as write:
        session = write.session
        row = _row(write, waiting)
        actor.require(Right.EDIT_ENROLMENTS, row.structure_id)
        refuse_known(session, WaitingEntry, [waiting.ref])
        _check_offer_of_service(session, row, waiting)
        if row.sejour_id is not None:
            check_age(session, session.get_one(Sejour, row.sejour_id), row.person_id)
        queue = _queue(write, row)
        if any(each.person_id == row.person_id for each in queue):
            raise invalid("Cet enfant est déjà sur cette liste d'attente.", person=waiting.person_ref)
        add(write, row)
        return 1 + [each.id for each in _still(_queue(write, row))].index(row.id)


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def waiting_list(
    records: Records, actor: Actor, structure_ref: str, service_ref: str, sejour_ref: str | None = None
) -> list[Waiting]:
    """Return who waits at a place for a service or a séjour: those who have an offer, then the others in order."""
    with records.read() as session:
        place = by_ref(session, Structure, structure_ref)
        actor.require(Right.EDIT_ENROLMENTS, place.id)
        sejour_id = by_ref(session, Sejour, sejour_ref).id if sejour_ref is not None else None
        same = _same(by_ref(session, Service, service_ref).id, place.id, sejour_id)
        today = local_day(records.clock(), place.timezone)
        rows = session.scalars(_open_entries(same)).all()
        offered = [each for each in rows if each.state == OFFERED and _stands(each, today)]
        told = [(each, None) for each in offered] + [(each, n) for n, each in enumerate(_still(rows), 1)]
        return [_told(session.get_one(Person, each.person_id), each, rank) for each, rank in told]


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def offer_place(records: Records, actor: Actor, ref: str, until: date) -> bool:
    """Offer a place to the first who waits, `until` included; guardians are mailed. Raises InvalidData."""
    with records.write(actor, "offer_place") as write:
        session = write.session
        row = by_ref(session, WaitingEntry, ref)
        actor.require(Right.EDIT_ENROLMENTS, row.structure_id)
        if until < _today(write, row.structure_id):
            raise invalid("Laissez à la famille au moins la journée pour répondre.", until=until)
        queue = _still(_queue(write, row))
        if row not in queue:
            raise invalid("Cette personne n'attend plus de place. Rechargez la liste.", state=row.state)
        if queue[0] is not row:
            first = session.get_one(Person, queue[0].person_id)
            raise invalid(
                f"{first.first_name} {first.used_name or first.last_name} attend depuis plus longtemps : "
                "proposez-lui la place d'abord, ou retirez sa demande si la famille y renonce.",
                first=queue[0].ref,
            )
        if row.sejour_id is not None and free_places(write, session.get_one(Sejour, row.sejour_id)) < 1:
            raise invalid("Le séjour est complet, avec les places déjà proposées.", sejour_id=row.sejour_id)
        is_offered = change(write, row, {"state": OFFERED, "offered_until": until})
        tell_offer(write, row)
        return is_offered


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def accept_offer(records: Records, actor: Actor, ref: str, enrolment: NewEnrolment) -> int:
    """Enrol who accepts the place offered, in the same transaction; returns the enrolment's id."""
    with records.write(actor, "accept_offer") as write:
        session = write.session
        row = by_ref(session, WaitingEntry, ref)
        actor.require(Right.EDIT_ENROLMENTS, row.structure_id)
        if row.state != OFFERED or not _stands(row, _today(write, row.structure_id)):
            raise Conflict(
                typeset(
                    "Aucune place ne lui est proposée aujourd'hui : l'offre a pris fin ou n'a pas été faite. "
                    "Rien n'a été enregistré. Rechargez la liste."
                ),
                ref=ref,
            )
        wanted = (row.person_id, row.service_id, row.structure_id, row.sejour_id)
        if wanted != _keys(session, enrolment):
            raise invalid("L'inscription n'est pas celle qui était attendue.", enrolment=enrolment.ref)
        enrolment_id = write_enrolments(write, [enrolment])[enrolment.ref]
        change(write, row, {"state": "accepted", "enrolment_id": enrolment_id})
        return enrolment_id


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def leave_waiting_list(records: Records, actor: Actor, ref: str) -> bool:
    """Take somebody off the list: they refuse the offer, or no longer wait. False when they already had left."""
    with records.write(actor, "leave_waiting_list") as write:
        row = by_ref(write.session, WaitingEntry, ref)
        actor.require(Right.EDIT_ENROLMENTS, row.structure_id)
        if row.state not in (WAITING, OFFERED):
            return False
        return change(write, row, {"state": "refused" if row.state == OFFERED else "withdrawn"})


def _row(write: Write, waiting: NewWaiting) -> WaitingEntry:
    session = write.session
    sejour = by_ref(session, Sejour, waiting.sejour_ref) if waiting.sejour_ref is not None else None
    return WaitingEntry(
        ref=waiting.ref,
        person_id=kept_by_ref(session, Person, waiting.person_ref).id,
        service_id=by_ref(session, Service, waiting.service_ref).id,
        structure_id=by_ref(session, Structure, waiting.structure_ref).id,
        sejour_id=None if sejour is None else sejour.id,
        wanted_from=waiting.wanted_from,
        received_on=waiting.received_on,
        priority=waiting.priority,
        state=WAITING,
        recorded_at=write.now,
        recorded_by=write.actor.signature,
    )


def _check_offer_of_service(session: Session, row: WaitingEntry, waiting: NewWaiting) -> None:
    if waiting.priority < 1:
        raise invalid("La priorité commence à 1, qui passe en premier.", priority=waiting.priority)
    offers = session.scalars(
        select(ServicePlace).where(
            ServicePlace.service_id == row.service_id, ServicePlace.structure_id == row.structure_id
        )
    )
    if not any(in_force(row.wanted_from, each.valid_from, each.valid_to) for each in offers):
        raise invalid(
            f"Ce service n'est pas proposé à cet endroit le {long_date(row.wanted_from)}.", day=row.wanted_from
        )
    if row.sejour_id is not None:
        sejour = session.get_one(Sejour, row.sejour_id)
        if (sejour.service_id, sejour.structure_id) != (row.service_id, row.structure_id):
            raise invalid(f"Le séjour « {sejour.label} » n'est pas de ce service et de ce lieu.")


def _queue(write: Write, like: WaitingEntry) -> list[WaitingEntry]:
    """Return who waits or has an offer for the same thing, in order; offers that have ended lapse first."""
    today = _today(write, like.structure_id)
    rows = write.session.scalars(_open_entries(_same(like.service_id, like.structure_id, like.sejour_id))).all()
    for each in rows:
        if each.state == OFFERED and not _stands(each, today):
            change(write, each, {"state": LAPSED})
    return [each for each in rows if each.state in (WAITING, OFFERED)]


def _same(service_id: int, structure_id: int, sejour_id: int | None) -> list[ColumnElement[bool]]:
    return [
        WaitingEntry.service_id == service_id,
        WaitingEntry.structure_id == structure_id,
        WaitingEntry.sejour_id.is_not_distinct_from(sejour_id),
    ]


def _open_entries(same: Sequence[ColumnElement[bool]]) -> Select[WaitingEntry]:
    in_order = (WaitingEntry.priority, WaitingEntry.received_on, WaitingEntry.id)
    return select(WaitingEntry).where(*same, WaitingEntry.state.in_((WAITING, OFFERED))).order_by(*in_order)


def _still(rows: Sequence[WaitingEntry]) -> list[WaitingEntry]:
    return [each for each in rows if each.state == WAITING]


def _stands(row: WaitingEntry, today: date) -> bool:
    return row.offered_until is not None and today <= row.offered_until


def _today(write: Write, structure_id: int) -> date:
    return local_day(write.now, write.session.get_one(Structure, structure_id).timezone)


def _keys(session: Session, enrolment: NewEnrolment) -> tuple[int, int, int, int | None]:
    return (
        kept_by_ref(session, Person, enrolment.person_ref).id,
        by_ref(session, Service, enrolment.service_ref).id,
        by_ref(session, Structure, enrolment.structure_ref).id,
        by_ref(session, Sejour, enrolment.sejour_ref).id if enrolment.sejour_ref is not None else None,
    )


def _told(person: Person, row: WaitingEntry, rank: int | None) -> Waiting:
    return Waiting(
        row.ref,
        person.ref,
        person.first_name,
        person.used_name or person.last_name,
        rank,
        row.state,
        row.priority,
        row.received_on,
        row.wanted_from,
        row.offered_until,
    )
