"""Whether a structure's month is open: once confirmed, nobody decides of its attendance any more (notes §7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from domain.french import month_name
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import MonthState, ServicePlace, Structure
from records.operations.lookup import add, by_ref, invalid
from records.operations.registry import Scope, operation

OPEN, CONFIRMED, LOCKED, REOPENED = "open", "confirmed", "locked", "reopened"
_CLOSED = (CONFIRMED, LOCKED)
REASON_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class MonthSaid:
    """What was said of a month, when (µs UTC), by whom and why."""

    month: date
    state: str
    reason: str | None
    recorded_at: int
    recorded_by: str


@dataclass(frozen=True, slots=True)
class PlaceMonth:
    """A place's month: its state, and who said it last, when (µs UTC) and why; None when nobody said anything."""

    structure_ref: str
    structure_name: str
    state: str
    said: MonthSaid | None


@operation(Right.SEE_FAMILIES, Scope.PLACE)
def months_of_places(records: Records, actor: Actor, month: date) -> list[PlaceMonth]:
    """Return the state of a month at each of the actor's places that offers a service then, by name."""
    allowed = actor.structures_with(Right.SEE_FAMILIES)
    first = month.replace(day=1)
    end = (first + timedelta(days=32)).replace(day=1)
    with records.read() as session:
        offering = select(ServicePlace.structure_id).where(
            ServicePlace.valid_from < end, or_(ServicePlace.valid_to.is_(None), ServicePlace.valid_to > first)
        )
        places = session.scalars(select(Structure).where(Structure.id.in_(offering)).order_by(Structure.name))
        return [_place_month(session, place, first) for place in places if allowed is None or place.id in allowed]


@operation(Right.SEE_PRESENCE, Scope.PLACE)
def month_history(records: Records, actor: Actor, structure_ref: str, month: date) -> list[MonthSaid]:
    """Return what was said of a structure's month, the last first; nothing: it is open."""
    with records.read() as session:
        structure_id = by_ref(session, Structure, structure_ref).id
        actor.require(Right.SEE_PRESENCE, structure_id)
        rows = session.scalars(_of_month(structure_id, month))
        return [_said(row) for row in rows]


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def reopen_month(records: Records, actor: Actor, structure_ref: str, month: date, reason: str) -> int:
    """Open a confirmed month again, with a reason; returns the row's id. A locked one: who keeps accounts only."""
    if not reason.strip():
        raise invalid("Dites pourquoi le mois doit être rouvert : le motif reste dans l'historique.")
    if len(reason) > REASON_LENGTH_MAX:
        raise invalid(f"Le motif dépasse {REASON_LENGTH_MAX} caractères : raccourcissez-le.")
    with records.write(actor, "reopen_month") as write:
        place = by_ref(write.session, Structure, structure_ref)
        actor.require(Right.DECIDE_ATTENDANCE, place.id)
        state = month_state(write.session, place.id, month)
        if state not in _CLOSED:
            raise invalid(f"{month_name(month).capitalize()} est déjà ouvert pour {place.name}.", state=state)
        if state == LOCKED:
            actor.require(Right.KEEP_ACCOUNTS)
        return say_month(write, place.id, month, (REOPENED, reason.strip()))


@operation(Right.KEEP_ACCOUNTS)
def lock_month(records: Records, actor: Actor, structure_ref: str, month: date) -> int:
    """Lock a confirmed month: its invoices are being made. Returns the row's id."""
    with records.write(actor, "lock_month") as write:
        place = by_ref(write.session, Structure, structure_ref)
        state = month_state(write.session, place.id, month)
        if state != CONFIRMED:
            raise invalid(
                f"{month_name(month).capitalize()} n'est pas confirmé pour {place.name} : "
                "demandez à sa coordination ou à sa direction de le confirmer.",
                state=state,
            )
        return say_month(write, place.id, month, (LOCKED, None))


def month_state(session: Session, structure_id: int, day: date) -> str:
    """Return the state of the month that holds a day."""
    row = session.scalar(_of_month(structure_id, day).limit(1))
    return OPEN if row is None else row.state


def say_month(write: Write, structure_id: int, day: date, said: tuple[str, str | None]) -> int:
    """Add what is said of the month that holds a day: a state and its reason; returns the row's id."""
    last = write.session.scalar(_of_month(structure_id, day).limit(1))
    row = MonthState(
        structure_id=structure_id,
        month=day.replace(day=1),
        seq=1 if last is None else last.seq + 1,
        state=said[0],
        reason=said[1],
        recorded_at=write.now,
        recorded_by=write.actor.signature,
    )
    return add(write, row)


def refuse_closed(session: Session, places_and_days: Iterable[tuple[int, date]]) -> None:
    """Raise InvalidData when the month of one of these days is confirmed or locked at its place."""
    for structure_id, month in sorted(
        {(structure_id, day.replace(day=1)) for structure_id, day in places_and_days}
    ):
        state = month_state(session, structure_id, month)
        if state in _CLOSED:
            name = session.get_one(Structure, structure_id).name
            said = "confirmé" if state == CONFIRMED else "verrouillé pour la facturation"
            raise invalid(
                f"{month_name(month).capitalize()} est {said} pour {name} : ses présences ne changent plus. "
                "Rouvrez le mois avec un motif, puis corrigez.",
                month=month,
                state=state,
            )


def _place_month(session: Session, place: Structure, month: date) -> PlaceMonth:
    row = session.scalar(_of_month(place.id, month).limit(1))
    return PlaceMonth(place.ref, place.name, *((OPEN, None) if row is None else (row.state, _said(row))))


def _said(row: MonthState) -> MonthSaid:
    return MonthSaid(row.month, row.state, row.reason, row.recorded_at, row.recorded_by)


def _of_month(structure_id: int, day: date) -> Select[MonthState]:
    of_month = (MonthState.structure_id == structure_id, MonthState.month == day.replace(day=1))
    return select(MonthState).where(*of_month).order_by(MonthState.seq.desc())
