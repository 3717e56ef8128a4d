"""What a presence rests on: each tap and decision, as they were made; a correction hides nothing (notes §6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.attendance import resolve
from domain.taps import TapKind
from records.actors import Actor, Right
from records.database import Records
from records.models import AttendanceDecision, Device, Person, Service, Structure, Tap
from records.operations.lookup import by_ref
from records.operations.merged import ids_with_merged, kept_by_ref
from records.operations.presence_rows import DayDecisions, badge_children, day_taps, offered_services, subjects_of
from records.operations.registry import Scope, operation

CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class PresenceFact:
    """One tap or decision. `occurred_at`: when it says the child came or left (µs UTC), None for a decision without
    an hour. `stands`: it still counts: neither undone, replaced nor cleared.

    `by` is the terminal of a tap, who signed a decision; `recorded_at` when it reached us or was decided.
    """

    kind: str
    is_tap: bool
    occurred_at: int | None
    recorded_at: int
    by: str
    reason: str | None
    stands: bool


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def presence_facts(
    records: Records, actor: Actor, child_ref: str, service_ref: str, day: date
) -> list[PresenceFact]:
    """Return all that is known of a child in a service on a day, at the actor's places, as it reached us."""
    allowed = actor.structures_with(Right.DECIDE_ATTENDANCE)
    with records.read() as session:
        child = kept_by_ref(session, Person, child_ref)
        places = {
            place.id: place
            for place in session.scalars(select(Structure))
            if allowed is None or place.id in allowed
        }
        found = [*_taps(session, places, (child.id, service_ref), day)]
        found += _decisions(session, places, (child.id, service_ref), day)
        return sorted(found, key=lambda fact: fact.recorded_at)


def _taps(
    session: Session, places: dict[int, Structure], key: tuple[int, str], day: date
) -> Iterator[PresenceFact]:
    people = {key[0]}
    attached = DayDecisions(session, places, day, people).attached
    taps = day_taps(session, places, day, attached.keys(), subjects_of(session, people, day))
    badges = badge_children(session, {tap.badge_uid for tap in taps if tap.badge_uid}, day)
    placed, _ = resolve(taps, badges, attached, offered_services(session, places, day))
    mine = [each.tap for each in placed.get(key, ())]
    undone = {tap.undoes for tap in mine if tap.kind is TapKind.UNDO}
    rows = session.execute(
        select(Tap.tap_id, Tap.received_at, Device.label)
        .join(Device, Device.id == Tap.device_id)
        .where(Tap.tap_id.in_([tap.tap_id for tap in mine]))
    )
    received = {tap_id: (received_at, label) for tap_id, received_at, label in rows}
    for tap in mine:
        recorded_at, label = received[tap.tap_id]
        stands = tap.tap_id not in undone
        yield PresenceFact(tap.kind.value, True, tap.occurred_at, recorded_at, label, None, stands)


def _decisions(
    session: Session, places: dict[int, Structure], key: tuple[int, str], day: date
) -> Iterator[PresenceFact]:
    rows = session.scalars(
        select(AttendanceDecision)
        .where(
            AttendanceDecision.child_id.in_(ids_with_merged(session, Person, key[0])),
            AttendanceDecision.service_id == by_ref(session, Service, key[1]).id,
            AttendanceDecision.structure_id.in_(places),
            AttendanceDecision.day == day,
        )
        .order_by(AttendanceDecision.id)
    ).all()
    replaced = {row.replaces_id for row in rows}
    cleared = max((row.id for row in rows if row.kind == CLEAR), default=0)
    for row in rows:
        stands = row.id not in replaced and row.id > cleared
        yield PresenceFact(row.kind, False, row.occurred_at, row.recorded_at, row.recorded_by, row.reason, stands)
