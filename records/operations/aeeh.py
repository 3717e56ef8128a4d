"""Which children open the AEEH, and from which day: the CAF asks for their hours (notes §2.3), not their health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records
from records.models import AeehRight, Person
from records.operations.merged import ids_with_merged, kept_by_ref
from records.operations.registry import Scope, operation
from records.operations.versions import add_version


@dataclass(frozen=True, slots=True)
class AeehLine:
    """What was said of a child from a day on; of one day the last said comes last."""

    valid_from: date
    is_open: bool


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def record_aeeh(records: Records, actor: Actor, child_ref: str, valid_from: date, *, is_open: bool) -> int:
    """Record that a child opens the AEEH from a day on, or no longer does; returns its id. Raises NotFound."""
    with records.write(actor, "record_aeeh") as write:
        child = kept_by_ref(write.session, Person, child_ref)
        values = {"valid_from": valid_from, "is_open": is_open}
        return add_version(write, AeehRight, {"person_id": child.id}, values).id


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def aeeh_of(records: Records, actor: Actor, child_ref: str) -> list[AeehLine]:
    """Return what was ever said of a child's AEEH, oldest day first. Raises NotFound."""
    with records.read() as session:
        child = kept_by_ref(session, Person, child_ref)
        rows = session.scalars(
            select(AeehRight)
            .where(AeehRight.person_id.in_(ids_with_merged(session, Person, child.id)))
            .order_by(AeehRight.valid_from, AeehRight.id)
        )
        return [AeehLine(row.valid_from, row.is_open) for row in rows]
