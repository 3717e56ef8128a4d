"""Diets of a person as the desk changes them: one begins, one ends, none says why (domain notes §3, §10)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records
from records.models import Diet, Person
from records.operations.families import NewDiet, check_diet
from records.operations.lookup import add, invalid
from records.operations.merged import ids_with_merged, kept_by_ref
from records.operations.registry import Scope, operation
from records.operations.versions import check_range, close, overlap


@dataclass(frozen=True, slots=True)
class DietLine:
    """A diet of somebody, and the version to give back when it is ended."""

    id: int
    diet: NewDiet
    row_version: int


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def diets_of(records: Records, actor: Actor, person_ref: str) -> list[DietLine]:
    """Return every diet of somebody, the newest first. Raises NotFound."""
    with records.read() as session:
        person = kept_by_ref(session, Person, person_ref)
        rows = session.scalars(
            select(Diet)
            .where(Diet.person_id.in_(ids_with_merged(session, Person, person.id)))
            .order_by(Diet.valid_from.desc(), Diet.id.desc())
        )
        return [
            DietLine(row.id, NewDiet(row.code, row.label, row.valid_from, row.valid_to), row.row_version)
            for row in rows
        ]


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def add_diet(records: Records, actor: Actor, person_ref: str, diet: NewDiet) -> int:
    """Add a diet of somebody; returns its id. Raises InvalidData for one they have, or that tells a belief."""
    check_range(diet.valid_from, diet.valid_to)
    check_diet(diet)
    with records.write(actor, "add_diet") as write:
        session = write.session
        person = kept_by_ref(session, Person, person_ref)
        people = ids_with_merged(session, Person, person.id)
        known = select(Diet).where(Diet.person_id.in_(people), Diet.code == diet.code)
        wanted = (diet.valid_from, diet.valid_to)
        if any(overlap(wanted, (row.valid_from, row.valid_to)) for row in session.scalars(known)):
            raise invalid(f"{person.first_name} a déjà ce régime à ces dates : terminez d'abord l'autre.")
        return add(write, Diet(person_id=person.id, **asdict(diet)))


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def end_diet(records: Records, actor: Actor, diet_id: int, day: date, row_version: int) -> bool:
    """End a diet: `day` is the first day without; False when it ended then. Raises Conflict, InvalidData."""
    with records.write(actor, "end_diet") as write:
        row = write.session.get(Diet, diet_id)
        if row is None:
            raise invalid("Ce régime n'existe plus. Rechargez la page.", diet_id=diet_id)
        return close(write, row, day, row_version=row_version)
