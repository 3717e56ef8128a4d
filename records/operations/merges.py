"""Merging two files or two people that are the same, and taking it back: pointers move, nothing is deleted.

Editable rows are pointed at what is kept, one `merge_move` each; facts keep their ids and are read through
`merged_into_id` (docs/adr/0012). A row that would contradict one of the kept side stays where it is and is listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Base, Family, Merge, MergeMove, Payer, Person
from records.models.base import EDITABLE
from records.operations.lookup import add, by_ref, change, invalid
from records.operations.registry import operation
from records.operations.search_index import index_people
from records.operations.versions import overlap

# Of these only one row holds on a day for the same values: the kept side's own comes first.
ONE_AT_A_TIME = {
    "address": ("family_id", "person_id"),
    "answer": ("question_id", "person_id"),
    "class_membership": ("person_id",),
    "diet": ("person_id", "code"),
    "enrolment": ("person_id", "service_id"),
    "family_member": ("family_id", "person_id", "role"),
    "placement": ("child_id",),
}
COMPARED = {
    "family": ("name", "letter_name"),
    "person": (
        "civility", "first_name", "last_name", "used_name", "birth_date", "email", "occupation", "sex",
        "birth_commune_code", "birth_country_code",
    ),
}  # fmt: skip
_MODELS: dict[str, type[Family] | type[Person]] = {"family": Family, "person": Person}


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """What the two sides say differently; `table` and `row_id` name a row that stayed on the merged side.

    `field` differs otherwise: the kept value stands, the other can still be read on the merged row.
    """

    field: str | None
    kept: str | None
    merged: str | None
    table: str | None = None
    row_id: int | None = None


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a merge did: its number, which takes it back, rows moved, and what a person should look at."""

    merge_id: int
    moved: int
    conflicts: tuple[MergeConflict, ...]


@operation(Right.MERGE_FAMILIES)
def merge_families(records: Records, actor: Actor, kept_ref: str, merged_ref: str, reason: str) -> MergeReport:
    """Merge a duplicate file into the one that is kept. Raises InvalidData, NotFound."""
    return _merge(records, actor, Family, (kept_ref, merged_ref), reason)


@operation(Right.MERGE_FAMILIES)
def merge_people(records: Records, actor: Actor, kept_ref: str, merged_ref: str, reason: str) -> MergeReport:
    """Merge a duplicate person into the one who is kept. Raises InvalidData, NotFound."""
    return _merge(records, actor, Person, (kept_ref, merged_ref), reason)


@operation(Right.MERGE_FAMILIES)
def undo_merge(records: Records, actor: Actor, merge_id: int, reason: str) -> MergeReport:
    """Take a merge back: every row points again where it did, unless somebody pointed it elsewhere since.

    Raises InvalidData when it was taken back already, or when what was kept has itself been merged since.
    """
    with records.write(actor, "undo_merge") as write:
        session = write.session
        merge = _merge_to_undo(session, merge_id)
        model = _MODELS[merge.entity]
        undo = Merge(
            entity=merge.entity,
            kept_id=merge.kept_id,
            merged_id=merge.merged_id,
            reason=reason or None,
            undoes_id=merge.id,
            recorded_at=write.now,
            recorded_by=write.actor.signature,
        )
        undo_id = add(write, undo)
        change(write, session.get_one(model, merge.merged_id), {"merged_into_id": None})
        moved, conflicts = 0, []
        for move in session.scalars(
            select(MergeMove).where(MergeMove.merge_id == merge.id).order_by(MergeMove.id.desc())
        ):
            row: Any = session.get_one(_model_of(move.table_name), move.row_id)
            if getattr(row, move.column_name) == move.new_id:
                change(write, row, {move.column_name: move.old_id})
                _note_move(write, undo_id, row, move.column_name, (move.new_id, move.old_id))
                moved += 1
            else:
                conflicts.append(MergeConflict(move.column_name, None, None, move.table_name, move.row_id))
        if model is Person:
            index_people(session, [merge.kept_id, merge.merged_id])
        return MergeReport(undo_id, moved, tuple(conflicts))


def _merge_to_undo(session: Session, merge_id: int) -> Merge:
    merge = session.get(Merge, merge_id)
    if merge is None or merge.undoes_id is not None:
        raise invalid("Cette fusion n'existe pas. Choisissez-la dans la liste des fusions.", merge_id=merge_id)
    if session.scalar(select(Merge.id).where(Merge.undoes_id == merge_id)) is not None:
        raise invalid("Cette fusion a déjà été annulée.", merge_id=merge_id)
    kept: Any = session.get_one(_MODELS[merge.entity], merge.kept_id)
    if kept.merged_into_id is not None:
        raise invalid(
            f"La fiche gardée (« {kept.ref} ») a elle-même été fusionnée depuis : annulez d'abord cette fusion-là.",
            merge_id=merge_id,
        )
    return merge


def _merge(
    records: Records, actor: Actor, model: type[Family] | type[Person], refs: tuple[str, str], reason: str
) -> MergeReport:
    entity = model.__tablename__
    with records.write(actor, "merge_families" if model is Family else "merge_people") as write:
        session = write.session
        kept, merged = _two_rows(session, model, refs)
        merge = Merge(
            entity=entity,
            kept_id=kept.id,
            merged_id=merged.id,
            reason=reason or None,
            recorded_at=write.now,
            recorded_by=write.actor.signature,
        )
        merge_id = add(write, merge)
        conflicts = list(_differences(entity, kept, merged))
        moved = 0
        for row, column in _pointing_at(session, entity, merged.id):
            if _contradicts(session, row, column, kept.id) or not _move(write, merge_id, row, (column, kept.id)):
                conflicts.append(MergeConflict(None, None, None, row.__tablename__, row.id))  # type: ignore[attr-defined]
            else:
                moved += 1
        change(write, merged, {"merged_into_id": kept.id})
        if model is Person:
            index_people(session, [kept.id, merged.id])
        conflicts += _doubled_payers(session, kept.id) if model is Family else []
        return MergeReport(merge_id, moved, tuple(conflicts))


def _two_rows(
    session: Session, model: type[Family] | type[Person], refs: tuple[str, str]
) -> tuple[Family | Person, Family | Person]:
    """Return what is kept and what is merged, neither merged already."""
    kept: Family | Person = by_ref(session, model, refs[0])
    merged: Family | Person = by_ref(session, model, refs[1])
    if kept.id == merged.id:
        raise invalid("Choisissez deux fiches différentes.", ref=refs[0])
    for row in (kept, merged):
        if row.merged_into_id is not None:
            into: Any = session.get_one(model, row.merged_into_id)
            raise invalid(
                f"La fiche « {row.ref} » est déjà fusionnée dans « {into.ref} ». Utilisez cette dernière.",
                ref=row.ref,
            )
        if row.anonymised_at is not None:
            raise invalid(f"La fiche « {row.ref} » a été anonymisée : elle ne se fusionne plus.", ref=row.ref)
    return kept, merged


def _differences(entity: str, kept: Base, merged: Base) -> Iterator[MergeConflict]:
    for name in COMPARED[entity]:
        one, other = getattr(kept, name), getattr(merged, name)
        if other is not None and one != other:
            yield MergeConflict(name, None if one is None else str(one), str(other))


def _pointing_at(session: Session, entity: str, row_id: int) -> Iterator[tuple[Base, str]]:
    """Yield each editable row that points at a family or person, and by which column."""
    for table in Base.metadata.sorted_tables:
        if table.info.get("mutability") != EDITABLE["mutability"]:
            continue
        model = _model_of(table.name)
        for column in table.columns:
            is_pointer = any(key.column.table.name == entity for key in column.foreign_keys)
            if is_pointer and column.name != "merged_into_id":
                for row in session.scalars(select(model).where(column == row_id).order_by(table.c.id)).all():
                    yield row, column.name


def _contradicts(session: Session, row: Any, column: str, kept_id: int) -> bool:
    """Return True when the kept side has a row of the same values that holds on one of its days."""
    keys = ONE_AT_A_TIME.get(row.__tablename__)
    if keys is None or column not in keys:
        return False
    columns = row.__table__.c
    values = {name: getattr(row, name) for name in keys} | {column: kept_id}
    same = (columns[name].is_not_distinct_from(value) for name, value in values.items())
    others: list[tuple[date, date | None]] = [
        (other.valid_from, other.valid_to)
        for other in session.execute(select(columns.valid_from, columns.valid_to).where(*same))
    ]
    return any(overlap((row.valid_from, row.valid_to), other) for other in others)


def _move(write: Write, merge_id: int, row: Base, to: tuple[str, int]) -> bool:
    """Point a row at what is kept; False when a constraint of its table refuses."""
    column, kept_id = to
    old_id = getattr(row, column)
    try:
        with write.session.begin_nested():
            change(write, row, {column: kept_id})
            write.session.flush()
    except IntegrityError:
        return False
    _note_move(write, merge_id, row, column, (old_id, kept_id))
    return True


def _note_move(write: Write, merge_id: int, row: Any, column: str, ids: tuple[int, int]) -> None:
    write.session.add(
        MergeMove(
            merge_id=merge_id,
            table_name=row.__tablename__,
            row_id=row.id,
            column_name=column,
            old_id=ids[0],
            new_id=ids[1],
        )
    )


def _doubled_payers(session: Session, family_id: int) -> list[MergeConflict]:
    """Return the people who now pay twice in the file: staff choose the payer on each enrolment."""
    seen: dict[tuple[int | None, int | None], str] = {}
    found = []
    for payer in session.scalars(select(Payer).where(Payer.family_id == family_id).order_by(Payer.id)):
        same = (payer.person_id, payer.body_id)
        if same in seen:
            found.append(MergeConflict("payer", seen[same], payer.ref, "payer", payer.id))
        seen.setdefault(same, payer.ref)
    return found


def _model_of(table: str) -> type[Base]:
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table.name == table)  # type: ignore[attr-defined]
