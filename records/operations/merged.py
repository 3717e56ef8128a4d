"""Reading through merges: the row that was kept, and all ids that are now the same one (docs/adr/0012)."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import Family, Person
from records.operations.lookup import by_ref

Mergeable = TypeVar("Mergeable", Family, Person)


def kept_by_ref(session: Session, model: type[Mergeable], ref: str) -> Mergeable:
    """Return the row of a ref, or the one it was merged into, however many times. Raises NotFound."""
    row = by_ref(session, model, ref)
    while row.merged_into_id is not None:
        row = session.get_one(model, row.merged_into_id)
    return row


def ids_with_merged(session: Session, model: type[Mergeable], row_id: int) -> list[int]:
    """Return the id and those of all rows merged into it: facts written about any of them are about this one."""
    found, edge = [row_id], [row_id]
    while edge:
        edge = list(session.scalars(select(model.id).where(model.merged_into_id.in_(edge)).order_by(model.id)))
        found += edge
    return found
