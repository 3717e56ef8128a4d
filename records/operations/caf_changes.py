"""What was noted since a declaration was frozen of one child of it: why a day no longer says what it said."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.caf_declarations import LAST_MONTH, PERIOD_OF, About
from domain.errors import NotFound
from domain.evidence import MICROS_PER_DAY
from domain.french import typeset
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    AeehRight,
    AttendanceDecision,
    AuditEntry,
    Booking,
    CareContract,
    Declaration,
    Device,
    Enrolment,
    EnrolmentPattern,
    Family,
    FamilyMember,
    HoleSettlement,
    Income,
    Merge,
    Person,
    Qf,
    Regime,
    Service,
    Structure,
    StructureOpening,
    Tap,
)
from records.operations.caf_calendar_changes import calendar_changes, event_changes, reference_changes
from records.operations.caf_noted import NotedSince, Span
from records.operations.lookup import by_ref, chunks
from records.operations.merged import ids_with_merged, kept_by_ref, kept_ids
from records.operations.registry import Scope, operation

T = TypeVar("T", Regime, Qf, Income)
_NOTICE = MICROS_PER_DAY  # figures are of the night before at the earliest: what was noted meanwhile is not in them


@dataclass(frozen=True, slots=True)
class ChildAsked:
    """A child of a frozen declaration, and the rows of the taps (`LineTap.tap_no`) that its days rest on today."""

    about: About
    child_ref: str
    tap_nos: tuple[int, ...] = ()


@operation(Right.SEE_CAF, Scope.PLACE, also=frozenset({Right.SEE_FAMILIES}))
def noted_since(records: Records, actor: Actor, asked: ChildAsked) -> list[NotedSince]:
    """Return what was noted of a child's days, or of the place's, since the eve of a declaration; the oldest first.

    Amounts, incomes and what a person's file says are not told, only that they changed. Raises NotFound.
    """
    with records.read() as session:
        structure = by_ref(session, Structure, asked.about.structure_ref)
        for right in (Right.SEE_FAMILIES, Right.SEE_CAF):
            actor.require(right, structure.id)
        about = asked.about
        span = Span(
            structure,
            date(about.year, 1, 1),
            date(about.year + 1, 1, 1) if (month := LAST_MONTH[PERIOD_OF[about.version]]) == 12
            else date(about.year, month + 1, 1),
            _frozen_at(session, structure.id, about) - _NOTICE,
        )  # fmt: skip
        # Facts stay under the ref they were written for: those of a duplicate are about the child who is kept.
        child_ids = ids_with_merged(session, Person, kept_by_ref(session, Person, asked.child_ref).id)
        found = [
            *_decisions(session, span, child_ids),
            *_bookings(session, span, child_ids),
            *_taps(session, span, asked.tap_nos),
            *_holes(session, span),
            *_of_the_file(session, span, child_ids),
            *_merges(session, span, child_ids),
            *_of_the_enrolments(session, span, child_ids),
            *_openings(session, span),
            *calendar_changes(session, span),
            *event_changes(session, span),
            *reference_changes(session, span),
        ]
    return sorted(found, key=lambda each: (each.recorded_at, each.first, each.what))


def _frozen_at(session: Session, structure_id: int, about: About) -> int:
    found = session.scalar(
        select(Declaration.recorded_at).where(
            Declaration.structure_id == structure_id,
            Declaration.year == about.year,
            Declaration.version == about.version,
            Declaration.number == about.number,
        )
    )
    if found is None:
        raise NotFound(typeset("Cette déclaration n'est pas figée : rien n'a pu changer depuis."))
    return found


def _decisions(session: Session, span: Span, child_ids: Sequence[int]) -> Iterator[NotedSince]:
    rows = session.execute(
        select(AttendanceDecision, Service.ref)
        .join(Service, Service.id == AttendanceDecision.service_id)
        .where(
            AttendanceDecision.child_id.in_(child_ids),
            AttendanceDecision.structure_id == span.structure.id,
            AttendanceDecision.day >= span.first,
            AttendanceDecision.day < span.end,
            AttendanceDecision.recorded_at >= span.since,
        )
    )
    for row, service_ref in rows:
        yield NotedSince(
            service_ref, row.day, row.day, row.kind, row.reason or None, row.recorded_at, row.recorded_by
        )


def _bookings(session: Session, span: Span, child_ids: Sequence[int]) -> Iterator[NotedSince]:
    rows = session.execute(
        select(Booking, Service.ref)
        .join(Service, Service.id == Booking.service_id)
        .where(
            Booking.person_id.in_(child_ids),
            Booking.structure_id == span.structure.id,
            Booking.day >= span.first,
            Booking.day < span.end,
            Booking.recorded_at >= span.since,
        )
    )
    for row, service_ref in rows:
        what = f"booking_{row.action}"
        yield NotedSince(service_ref, row.day, row.day, what, row.reason or None, row.recorded_at, row.recorded_by)


def _taps(session: Session, span: Span, tap_nos: Sequence[int]) -> Iterator[NotedSince]:
    """Yield the taps of those days that came in since, and those that another undid since."""
    for part in chunks(sorted(set(tap_nos))):
        mine = select(Tap.tap_id).where(Tap.id.in_(part))
        rows = session.execute(
            select(Tap, Device.label)
            .join(Device, Device.id == Tap.device_id)
            .where(
                or_(Tap.id.in_(part), Tap.undoes.in_(mine)),
                Device.structure_id == span.structure.id,
                Tap.received_at >= span.since,
            )
        )
        for row, label in rows:
            day = local_day(row.occurred_at_corrected, span.structure.timezone)
            what = "tap_undone" if row.undoes else "tap_late"
            yield NotedSince(None, day, day, what, None, row.received_at, label)


def _holes(session: Session, span: Span) -> Iterator[NotedSince]:
    rows = session.scalars(
        select(HoleSettlement)
        .join(Device, Device.id == HoleSettlement.device_id)
        .where(Device.structure_id == span.structure.id, HoleSettlement.recorded_at >= span.since)
    )
    for row in rows:
        first, last = (local_day(at, span.structure.timezone) for at in (row.from_at, row.until_at))
        if first < span.end and last >= span.first:
            yield NotedSince(None, first, last, "hole_settled", row.reason, row.recorded_at, row.recorded_by)


def _of_the_file(session: Session, span: Span, child_ids: Sequence[int]) -> Iterator[NotedSince]:
    """Yield the régime, QF, incomes and AEEH that were noted of the child and its files."""
    members = select(FamilyMember.family_id).where(
        FamilyMember.person_id.in_(child_ids), FamilyMember.role == "child"
    )
    families = kept_ids(session, Family).with_merged(session.scalars(members))
    rows: list[Regime | Qf | Income] = [
        *_effective(session, span, Regime, families),
        *_effective(session, span, Qf, families),
        *_effective(session, span, Income, families),
    ]
    for row in rows:
        by = row.recorded_by if isinstance(row, Income) else _author(session, row.__tablename__, row.id)
        yield NotedSince(None, row.effective_from, None, row.__tablename__, None, row.recorded_at, by)
    rights = select(AeehRight).where(
        AeehRight.person_id.in_(child_ids), AeehRight.valid_from < span.end, AeehRight.recorded_at >= span.since
    )
    for right in session.scalars(rights):
        yield NotedSince(None, right.valid_from, None, "aeeh_right", None, right.recorded_at, right.recorded_by)


def _merges(session: Session, span: Span, child_ids: Sequence[int]) -> Iterator[NotedSince]:
    """Yield the merges of the child with a duplicate: what was declared of two is of one since, or the reverse."""
    rows = select(Merge).where(
        Merge.entity == Person.__tablename__,
        or_(Merge.kept_id.in_(child_ids), Merge.merged_id.in_(child_ids)),
        Merge.recorded_at >= span.since,
    )
    for row in session.scalars(rows):
        what = "merge" if row.undoes_id is None else "merge_undone"
        yield NotedSince(None, span.first, None, what, row.reason or None, row.recorded_at, row.recorded_by)


def _effective(session: Session, span: Span, model: type[T], families: Collection[int]) -> Sequence[T]:
    rows = select(model).where(model.family_id.in_(families), model.effective_from < span.end)
    return session.scalars(rows.where(model.recorded_at >= span.since)).all()


def _of_the_enrolments(session: Session, span: Span, child_ids: Sequence[int]) -> Iterator[NotedSince]:
    """Yield what changed of the contracts, the days reserved and the dates of the child's enrolments there."""
    mine = session.execute(
        select(Enrolment, Service.ref)
        .join(Service, Service.id == Enrolment.service_id)
        .where(Enrolment.person_id.in_(child_ids), Enrolment.structure_id == span.structure.id)
    ).all()
    for enrolment, service_ref in mine:
        contracts = select(CareContract).where(
            CareContract.enrolment_id == enrolment.id,
            CareContract.valid_from < span.end,
            CareContract.valid_to > span.first,
            CareContract.recorded_at >= span.since,
        )
        for row in session.scalars(contracts):
            yield NotedSince(
                service_ref,
                row.valid_from,
                row.valid_to - timedelta(days=1),
                "care_contract",
                None,
                row.recorded_at,
                row.recorded_by,
            )
        patterns = session.scalars(select(EnrolmentPattern).where(EnrolmentPattern.enrolment_id == enrolment.id))
        known = {str(row.id): row.valid_from for row in patterns}
        for entry in _audited(session, span, "enrolment_pattern", AuditEntry.entity_id, list(known)):
            first = known[entry.entity_id]
            yield NotedSince(service_ref, first, None, "enrolment_pattern", None, entry.occurred_at, entry.actor)
        for entry in _audited(session, span, "enrolment", AuditEntry.entity_id, [enrolment.ref]):
            yield NotedSince(
                service_ref, enrolment.valid_from, None, "enrolment", None, entry.occurred_at, entry.actor
            )


def _audited(
    session: Session, span: Span, entity: str, column: InstrumentedAttribute[str], keys: Sequence[str]
) -> Iterator[AuditEntry]:
    for part in chunks(sorted(keys)):
        wanted: ColumnElement[bool] = column.in_(part)
        yield from session.scalars(
            select(AuditEntry).where(AuditEntry.entity == entity, wanted, AuditEntry.occurred_at >= span.since)
        )


def _author(session: Session, entity: str, row_id: int) -> str:
    """Return who wrote a row that does not say it itself; nobody is known of one that was imported."""
    found = session.scalar(
        select(AuditEntry.actor).where(AuditEntry.entity == entity, AuditEntry.entity_id == str(row_id)).limit(1)
    )
    return found or ""


def _openings(session: Session, span: Span) -> Iterator[NotedSince]:
    rows = session.scalars(
        select(StructureOpening).where(
            StructureOpening.structure_id == span.structure.id,
            StructureOpening.valid_from < span.end,
            StructureOpening.recorded_at >= span.since,
        )
    )
    for row in rows:
        yield NotedSince(
            None, row.valid_from, None, "structure_opening", None, row.recorded_at, row.recorded_by, row.weekday
        )
