"""Ending an enrolment: nobody is expected afterwards, and who waits for a day has what it frees (notes §5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from sqlalchemy import select

from domain.french import short_date
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import (
    CareContract,
    CoverageEnrolment,
    Enrolment,
    EnrolmentPattern,
    EnrolmentPayer,
    Signature,
    Structure,
    TransportSeat,
    WaitingEntry,
)
from records.operations.bookings import serve_days
from records.operations.lookup import by_ref, change, invalid
from records.operations.registry import Scope, operation
from records.operations.versions import close

_FAR = timedelta(days=800)  # nobody waits for a day further away
# What is never erased, and so keeps the enrolment it speaks of.
_KEPT = (
    (CareContract, "un contrat"),
    (CoverageEnrolment, "une prise en charge"),
    (Signature, "une signature"),
)
Part: TypeAlias = EnrolmentPattern | EnrolmentPayer | TransportSeat


@dataclass(frozen=True, slots=True)
class EnrolmentEnd:
    """What ending did: removed what had not begun, else ended it; the bookings of those who got a freed day."""

    is_removed: bool
    served: tuple[int, ...]


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def end_enrolment(
    records: Records, actor: Actor, ref: str, day: date, row_version: int | None = None
) -> EnrolmentEnd:
    """End an enrolment: `day` is the first without it. One that has not begun and ends by its first day is removed.

    Raises InvalidData for a day before its start or after its end, Conflict when it changed since `row_version`.
    """
    with records.write(actor, "end_enrolment") as write:
        row = by_ref(write.session, Enrolment, ref)
        actor.require(Right.EDIT_ENROLMENTS, row.structure_id)
        change(write, row, {}, row_version=row_version)  # nothing to change yet: only whether somebody else did
        structure_id = row.structure_id
        today = local_day(write.now, write.session.get_one(Structure, structure_id).timezone)
        if row.valid_to is not None and day > row.valid_to:
            raise invalid(f"Cette inscription se termine déjà le {short_date(row.valid_to)}.", enrolment=ref)
        is_removed = day <= row.valid_from
        if is_removed and row.valid_from <= today:
            raise invalid(
                f"Cette inscription a commencé le {short_date(row.valid_from)} : elle se termine au plus tôt "
                "le lendemain.",
                enrolment=ref,
            )
        if is_removed:
            _remove_all(write, row)
        elif close(write, row, day):
            _close_parts(write, row, day)
        write.session.flush()
        first_day = max(day, today)
        return EnrolmentEnd(is_removed, tuple(serve_days(write, structure_id, first_day, first_day + _FAR)))


def _close_parts(write: Write, row: Enrolment, day: date) -> None:
    """End the days, payers and seats of an enrolment; what would begin later never will."""
    for part in _parts(write, row):
        if part.valid_from >= day:
            _remove(write, part)
        elif part.valid_to is None or part.valid_to > day:
            change(write, part, {"valid_to": day})


def _parts(write: Write, row: Enrolment) -> list[Part]:
    session = write.session
    return [
        *session.scalars(select(EnrolmentPattern).where(EnrolmentPattern.enrolment_id == row.id)),
        *session.scalars(select(EnrolmentPayer).where(EnrolmentPayer.enrolment_id == row.id)),
        *session.scalars(select(TransportSeat).where(TransportSeat.enrolment_id == row.id)),
    ]


def _remove_all(write: Write, row: Enrolment) -> None:
    session = write.session
    for pointing, what in _KEPT:
        if session.scalar(select(pointing.id).where(pointing.enrolment_id == row.id).limit(1)):
            raise invalid(
                f"Cette inscription porte {what} : elle ne s'efface plus. Terminez-la au lendemain de son début.",
                enrolment=row.ref,
            )
    for entry in session.scalars(select(WaitingEntry).where(WaitingEntry.enrolment_id == row.id)):
        change(write, entry, {"enrolment_id": None, "state": "withdrawn"})
    for part in _parts(write, row):
        _remove(write, part)
    session.flush()
    _remove(write, row)


def _remove(write: Write, row: Enrolment | Part) -> None:
    columns = row.__table__.columns
    old = {column.name: getattr(row, column.name) for column in columns if getattr(row, column.name) is not None}
    write.audit(row.__tablename__, getattr(row, "ref", row.id), old=old, new={})
    write.session.delete(row)
