"""Health of a person: its own rights, encrypted at rest, and a row for each reading (ADR 0013, domain notes §3)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records
from records.models import HealthAccess, HealthNote, Person
from records.models.health import HEALTH_KINDS
from records.operations.families import NewHealthNote
from records.operations.family_file import log_health_reading
from records.operations.lookup import add, invalid
from records.operations.merged import ids_with_merged, kept_by_ref
from records.operations.registry import Scope, operation
from records.operations.versions import check_range, close


@dataclass(frozen=True, slots=True)
class HealthLine:
    """A health note as staff read it, ended ones included."""

    note_id: int
    kind: str
    label: str
    detail: str | None
    valid_from: date
    valid_to: date | None
    row_version: int


@dataclass(frozen=True, slots=True)
class HealthReading:
    """Who read somebody's health data, when (µs UTC), and by which operation."""

    reader: str | None
    read_at: int
    operation: str


@operation(Right.SEE_HEALTH, Scope.ANYWHERE)
def read_health(records: Records, actor: Actor, person_ref: str) -> list[HealthLine]:
    """Return the health notes of somebody, the newest first; the reading is logged even when there is nothing."""
    with records.read() as session:
        person = kept_by_ref(session, Person, person_ref)
        rows = session.scalars(
            select(HealthNote)
            .where(HealthNote.person_id.in_(ids_with_merged(session, Person, person.id)))
            .order_by(HealthNote.valid_from.desc(), HealthNote.id.desc())
        )
        lines = [
            HealthLine(row.id, row.kind, row.label, row.detail, row.valid_from, row.valid_to, row.row_version)
            for row in rows
        ]
    log_health_reading(records, actor, [person.id], "read_health")
    return lines


@operation(Right.EDIT_HEALTH, Scope.ANYWHERE)
def add_health_note(
    records: Records, actor: Actor, person_ref: str, note: NewHealthNote, detail: str | None = None
) -> int:
    """Add a health note; returns its id. An allergy has no end unless the medical paper gives one."""
    check_range(note.valid_from, note.valid_to)
    if note.kind not in HEALTH_KINDS or not note.label.strip():
        raise invalid(
            "Choisissez le type de l'information de santé et écrivez ce qu'il faut faire.", kind=note.kind
        )
    with records.write(actor, "add_health_note") as write:
        person = kept_by_ref(write.session, Person, person_ref)
        return add(write, HealthNote(person_id=person.id, detail=detail, **asdict(note)))


@operation(Right.EDIT_HEALTH, Scope.ANYWHERE)
def end_health_note(records: Records, actor: Actor, note_id: int, day: date, row_version: int) -> bool:
    """End a health note: `day` is the first day it does not hold. Raises Conflict, InvalidData."""
    with records.write(actor, "end_health_note") as write:
        row = write.session.get(HealthNote, note_id)
        if row is None:
            raise invalid("Cette information de santé n'existe plus. Rechargez la page.", note_id=note_id)
        return close(write, row, day, row_version=row_version)


@operation(Right.SEE_AUDIT)
def health_readings(records: Records, actor: Actor, person_ref: str) -> list[HealthReading]:
    """Return who read somebody's health data, the last reading first."""
    with records.read() as session:
        person = kept_by_ref(session, Person, person_ref)
        rows = session.scalars(
            select(HealthAccess)
            .where(HealthAccess.person_id.in_(ids_with_merged(session, Person, person.id)))
            .order_by(HealthAccess.read_at.desc(), HealthAccess.id.desc())
        )
        return [HealthReading(row.reader, row.read_at, row.operation) for row in rows]
