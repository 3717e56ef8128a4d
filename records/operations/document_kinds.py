"""Kinds of paper that staff define, and what each service asks for (domain notes §3, §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records
from records.models import DocumentKind, DocumentRequirement, Service
from records.models.documents import DOCUMENT_SUBJECTS
from records.operations.kept_lists import Kept, add_kept, refs_by_id, row_to_edit
from records.operations.lookup import add, by_ref, change, in_force_on, invalid
from records.operations.registry import Scope, operation
from records.operations.versions import check_range, close, refuse_overlaps

# Whose paper it is and whether it tells of health decide who may read those received: end the kind, add another.
KIND_FIELDS = frozenset({"label", "months_valid", "valid_to"})


@dataclass(frozen=True, slots=True)
class NewDocumentKind:
    """A kind of paper from a day on; `months_valid` None = it does not expire by itself."""

    ref: str
    label: str
    about: str
    valid_from: date
    months_valid: int | None = None
    is_health: bool = False
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class NewRequirement:
    """A kind of paper asked for by a service, or by all, from a day on."""

    kind_ref: str
    valid_from: date
    service_ref: str | None = None
    is_mandatory: bool = True
    valid_to: date | None = None


@operation(Right.EDIT_REFERENCE)
def add_document_kind(records: Records, actor: Actor, kind: NewDocumentKind) -> int:
    """Add a kind of paper; returns its id. Raises InvalidData."""
    if kind.about not in DOCUMENT_SUBJECTS:
        raise invalid(f"« {kind.about} » n'a pas de document : choisissez dans la liste.", about=kind.about)
    _check_months(kind.months_valid)
    with records.write(actor, "add_document_kind") as write:
        return add_kept(write, DocumentKind, asdict(kind))


@operation(Right.EDIT_REFERENCE)
def edit_document_kind(
    records: Records, actor: Actor, ref: str, changes: Mapping[str, object], row_version: int
) -> bool:
    """Change KIND_FIELDS of a kind; papers received keep their expiry. Raises Conflict, InvalidData, NotFound."""
    months = changes.get("months_valid")
    assert months is None or isinstance(months, int)
    _check_months(months)
    with records.write(actor, "edit_document_kind") as write:
        row = row_to_edit(write, DocumentKind, ref, changes, KIND_FIELDS)
        return change(write, row, dict(changes), row_version=row_version)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def document_kinds(records: Records, actor: Actor) -> list[Kept[NewDocumentKind]]:
    """Return every kind of paper, ended ones too, by label."""
    with records.read() as session:
        rows = session.scalars(select(DocumentKind).order_by(DocumentKind.label, DocumentKind.id))
        return [
            Kept(
                NewDocumentKind(
                    row.ref, row.label, row.about, row.valid_from, row.months_valid, row.is_health, row.valid_to
                ),
                row.row_version,
            )
            for row in rows
        ]


@operation(Right.EDIT_REFERENCE)
def require_document(records: Records, actor: Actor, asked: NewRequirement) -> int:
    """Ask for a kind of paper from a day on; returns the id. Raises InvalidData when it already is."""
    check_range(asked.valid_from, asked.valid_to)
    with records.write(actor, "require_document") as write:
        session = write.session
        kind = by_ref(session, DocumentKind, asked.kind_ref)
        service_id = by_ref(session, Service, asked.service_ref).id if asked.service_ref else None
        known = session.execute(
            select(DocumentRequirement.valid_from, DocumentRequirement.valid_to).where(
                DocumentRequirement.kind_id == kind.id,
                DocumentRequirement.service_id.is_not_distinct_from(service_id),
            )
        )
        ranges = [(valid_from, valid_to) for valid_from, valid_to in known]
        refuse_overlaps(f"Le document « {kind.label} »", [*ranges, (asked.valid_from, asked.valid_to)])
        row = DocumentRequirement(
            kind_id=kind.id,
            service_id=service_id,
            is_mandatory=asked.is_mandatory,
            valid_from=asked.valid_from,
            valid_to=asked.valid_to,
        )
        return add(write, row)


@operation(Right.EDIT_REFERENCE)
def stop_requiring(records: Records, actor: Actor, kind_ref: str, service_ref: str | None, day: date) -> None:
    """Ask for a kind of paper no more: `day` is the first day without. Raises InvalidData when it is not asked.

    `service_ref` None is what all services ask for.
    """
    with records.write(actor, "stop_requiring") as write:
        session = write.session
        kind = by_ref(session, DocumentKind, kind_ref)
        service_id = by_ref(session, Service, service_ref).id if service_ref else None
        row = session.scalar(
            select(DocumentRequirement).where(
                DocumentRequirement.kind_id == kind.id,
                DocumentRequirement.service_id.is_not_distinct_from(service_id),
                *in_force_on(day, DocumentRequirement.valid_from, DocumentRequirement.valid_to),
            )
        )
        if row is None:
            raise invalid(
                f"Le document « {kind.label} » n'est pas demandé à cette date. Vérifiez la date.", day=day
            )
        close(write, row, day)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def document_requirements(records: Records, actor: Actor) -> list[NewRequirement]:
    """Return what is asked for, past and to come too, by kind then day."""
    with records.read() as session:
        services = refs_by_id(session, Service)
        rows = session.execute(
            select(DocumentRequirement, DocumentKind.ref)
            .join(DocumentKind, DocumentKind.id == DocumentRequirement.kind_id)
            .order_by(DocumentKind.ref, DocumentRequirement.valid_from, DocumentRequirement.id)
        )
        return [
            NewRequirement(kind_ref, row.valid_from, services[row.service_id], row.is_mandatory, row.valid_to)
            for row, kind_ref in rows
        ]


def _check_months(months: int | None) -> None:
    if months is not None and months < 1:
        raise invalid("Un document est valable au moins un mois, ou sans limite.", months_valid=months)
