"""Coverages as staff read them: which state, what waits for whom, and what happened to one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.coverages import ASKED, QUOTED, STATE_WORDS, WAITS_FOR
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    Coverage,
    CoverageEnrolment,
    CoverageEvent,
    Enrolment,
    Family,
    FamilyMember,
    PayingBody,
    Person,
    Service,
    Structure,
)
from records.operations.coverage_terms import CoverageTerms
from records.operations.lookup import by_ref, chunks, invalid
from records.operations.merged import ids_with_merged, kept_ids
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class AppliedTo:
    """An enrolment that a coverage is applied to; `removed_on` is the first day on which it no longer is."""

    enrolment_ref: str
    structure_ref: str
    structure_label: str
    removed_on: date | None


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """A coverage as a list shows it; `waits_for` says whose turn it is (empty: nobody's), amounts are cents."""

    ref: str
    kind: str
    state: str
    body_ref: str
    body_name: str
    child_ref: str
    child_first_name: str
    child_last_name: str
    service_ref: str | None
    service_label: str | None
    decision_number: str | None
    terms: CoverageTerms
    rank: int
    valid_from: date
    valid_to: date | None
    quoted_cents: int | None
    applied_to: tuple[AppliedTo, ...]
    has_document: bool
    waits_for: str
    row_version: int


@dataclass(frozen=True, slots=True)
class CoverageSaid:
    """A change of state: when (µs UTC), by whom, why; `amount_cents` is what was quoted."""

    state: str
    comment: str | None
    amount_cents: int | None
    recorded_at: int
    recorded_by: str


@operation(Right.EDIT_COVERAGES, Scope.ANYWHERE)
def list_coverages(
    records: Records, actor: Actor, *, states: Sequence[str] = (), body_ref: str | None = None
) -> list[CoverageLine]:
    """Return coverages of these states (all without), of a body when named, by child then rank."""
    with records.read() as session:
        statement = (
            select(Coverage, PayingBody, Service)
            .join(PayingBody, PayingBody.id == Coverage.body_id)
            .outerjoin(Service, Service.id == Coverage.service_id)
        )
        if states:
            statement = statement.where(Coverage.state.in_(states))
        if body_ref is not None:
            statement = statement.where(PayingBody.ref == body_ref)
        found = session.execute(statement.order_by(Coverage.rank, Coverage.id)).all()
        ids = [row.Coverage.id for row in found]
        applied, quoted, children = _applied(session, ids), _quoted(session, ids), _children(session)
        lines = [_line(row.Coverage, row.PayingBody, row.Service, (children, applied, quoted)) for row in found]
        return sorted(
            lines, key=lambda each: (each.child_last_name, each.child_first_name, each.child_ref, each.rank)
        )


@operation(Right.EDIT_COVERAGES, Scope.ANYWHERE)
def coverage_history(records: Records, actor: Actor, ref: str) -> list[CoverageSaid]:
    """Return what happened to a coverage, the first first."""
    with records.read() as session:
        row = by_ref(session, Coverage, ref)
        events = session.scalars(
            select(CoverageEvent).where(CoverageEvent.coverage_id == row.id).order_by(CoverageEvent.seq)
        )
        return [
            CoverageSaid(each.state, each.comment, each.amount_cents, each.recorded_at, each.recorded_by)
            for each in events
        ]


_Children = dict[int, Person]


def _line(
    row: Coverage,
    body: PayingBody,
    service: Service | None,
    about: tuple[_Children, dict[int, list[AppliedTo]], dict[int, int]],
) -> CoverageLine:
    children, applied, quoted = about
    child = children[row.child_id]
    return CoverageLine(
        ref=row.ref,
        kind=row.kind,
        state=row.state,
        body_ref=body.ref,
        body_name=body.name,
        child_ref=child.ref,
        child_first_name=child.first_name,
        child_last_name=child.last_name,
        service_ref=None if service is None else service.ref,
        service_label=None if service is None else service.label,
        decision_number=row.decision_number,
        terms=CoverageTerms(**{name: getattr(row, name) for name in CoverageTerms.__dataclass_fields__}),
        rank=row.rank,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        quoted_cents=quoted.get(row.id),
        applied_to=tuple(applied.get(row.id, ())),
        has_document=row.document_id is not None,
        waits_for=WAITS_FOR.get(row.state, ""),
        row_version=row.row_version,
    )


def _children(session: Session) -> _Children:
    """Return each covered child as kept, by the id that coverages hold."""
    kept = kept_ids(session, Person)
    ids = list(session.scalars(select(Coverage.child_id).distinct()))
    wanted = sorted({kept.of(child_id) for child_id in ids})
    people: dict[int, Person] = {}
    for part in chunks(wanted):
        people |= {row.id: row for row in session.scalars(select(Person).where(Person.id.in_(part)))}
    return {child_id: people[kept.of(child_id)] for child_id in ids}


def _applied(session: Session, ids: Sequence[int]) -> dict[int, list[AppliedTo]]:
    found: dict[int, list[AppliedTo]] = defaultdict(list)
    for part in chunks(ids):
        rows = session.execute(
            select(CoverageEnrolment, Enrolment.ref, Structure.ref, Structure.name)
            .join(Enrolment, Enrolment.id == CoverageEnrolment.enrolment_id)
            .join(Structure, Structure.id == Enrolment.structure_id)
            .where(CoverageEnrolment.coverage_id.in_(part))
            .order_by(CoverageEnrolment.id)
        )
        for link, enrolment_ref, structure_ref, label in rows:
            found[link.coverage_id].append(AppliedTo(enrolment_ref, structure_ref, label, link.removed_on))
    return found


def _quoted(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Return the last amount quoted of each."""
    found: dict[int, int] = {}
    for part in chunks(ids):
        rows = session.execute(
            select(CoverageEvent.coverage_id, CoverageEvent.amount_cents)
            .where(CoverageEvent.coverage_id.in_(part), CoverageEvent.amount_cents.is_not(None))
            .order_by(CoverageEvent.seq)
        )
        found |= {coverage_id: amount for coverage_id, amount in rows if amount is not None}
    return found


@dataclass(frozen=True, slots=True)
class CoverageToQuote:
    """What a quote is about: the child, their files, and the one service if there is one."""

    ref: str
    body_name: str
    child_ref: str
    child_first_name: str
    child_last_name: str
    service_ref: str | None
    family_refs: tuple[str, ...]


@operation(Right.EDIT_COVERAGES, Scope.ANYWHERE)
def coverage_to_quote(records: Records, actor: Actor, ref: str) -> CoverageToQuote:
    """Return what a quote must be computed about. Raises InvalidData once the body has answered, NotFound."""
    with records.read() as session:
        row = by_ref(session, Coverage, ref)
        if row.state not in (ASKED, QUOTED):
            raise invalid(f"Une prise en charge {STATE_WORDS[row.state]} n'a plus de devis.", coverage=ref)
        child = session.get_one(Person, kept_ids(session, Person).of(row.child_id))
        service = None if row.service_id is None else session.get_one(Service, row.service_id)
        families = kept_ids(session, Family)
        members = select(FamilyMember.family_id).where(
            FamilyMember.person_id.in_(ids_with_merged(session, Person, child.id)), FamilyMember.role == "child"
        )
        ids = {families.of(family_id) for family_id in session.scalars(members)}
        refs = session.scalars(select(Family.ref).where(Family.id.in_(ids)).order_by(Family.ref))
        return CoverageToQuote(
            ref,
            session.get_one(PayingBody, row.body_id).name,
            child.ref,
            child.first_name,
            child.last_name,
            None if service is None else service.ref,
            tuple(refs),
        )
