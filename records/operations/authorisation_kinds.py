"""Kinds of authorisation that staff define: photo, leave alone, hospitalisation… (domain notes §3, §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records
from records.models import AuthorisationKind
from records.operations.kept_lists import Kept, add_kept, row_to_edit
from records.operations.lookup import change
from records.operations.registry import Scope, operation

# Who must agree is what past answers were read by: end the kind, and add another.
AUTHORISATION_FIELDS = frozenset({"label", "is_mandatory", "valid_to"})


@dataclass(frozen=True, slots=True)
class NewAuthorisationKind:
    """A kind of authorisation from a day on; `is_mandatory`: an answer is wanted, yes or no."""

    ref: str
    label: str
    valid_from: date
    needs_both_guardians: bool = False
    is_mandatory: bool = False
    valid_to: date | None = None


@operation(Right.EDIT_REFERENCE)
def add_authorisation_kind(records: Records, actor: Actor, kind: NewAuthorisationKind) -> int:
    """Add a kind of authorisation; returns its id. Raises InvalidData."""
    with records.write(actor, "add_authorisation_kind") as write:
        return add_kept(write, AuthorisationKind, asdict(kind))


@operation(Right.EDIT_REFERENCE)
def edit_authorisation_kind(
    records: Records, actor: Actor, ref: str, changes: Mapping[str, object], row_version: int
) -> bool:
    """Change AUTHORISATION_FIELDS of a kind; False when nothing differs. Raises Conflict, InvalidData, NotFound."""
    with records.write(actor, "edit_authorisation_kind") as write:
        row = row_to_edit(write, AuthorisationKind, ref, changes, AUTHORISATION_FIELDS)
        return change(write, row, dict(changes), row_version=row_version)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def authorisation_kinds(records: Records, actor: Actor) -> list[Kept[NewAuthorisationKind]]:
    """Return every kind of authorisation, ended ones too, by label."""
    with records.read() as session:
        rows = session.scalars(select(AuthorisationKind).order_by(AuthorisationKind.label, AuthorisationKind.id))
        return [
            Kept(
                NewAuthorisationKind(
                    row.ref, row.label, row.valid_from, row.needs_both_guardians, row.is_mandatory, row.valid_to
                ),
                row.row_version,
            )
            for row in rows
        ]
