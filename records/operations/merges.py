"""Merging two files or two people that are the same, and taking it back: pointers move, nothing is deleted.

Editable rows are pointed at what is kept, one `merge_move` each; facts keep their ids and are read through
`merged_into_id` (docs/adr/0012). A row that would contradict one of the kept side stays where it is and is listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Base, Family, FamilyMember, Merge, Person
from records.operations.lookup import add, by_ref, change, invalid
from records.operations.merge_rows import MergeConflict, Moves, point_at_kept, take_back
from records.operations.merge_settling import (
    doubled_facts,
    extra_guardians,
    join_payers,
    keep_forbidden,
    part_payers,
    stayed_members,
)
from records.operations.merged import ids_with_merged
from records.operations.registry import operation
from records.operations.search_index import index_people

__all__ = ["MergeConflict", "MergeReport", "merge_families", "merge_people", "undo_merge"]

COMPARED = {
    "family": ("name", "letter_name"),
    "person": (
        "civility", "first_name", "last_name", "used_name", "birth_date", "email", "occupation", "sex",
        "birth_commune_code", "birth_country_code",
    ),
}  # fmt: skip
_MODELS: dict[str, type[Family] | type[Person]] = {"family": Family, "person": Person}


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
    """Take a merge back: every row has again what it had, unless somebody changed or deleted it since.

    What later merges left aside because of this one is looked at again. Raises InvalidData when it was taken back
    already, or when what was kept has itself been merged since.
    """
    with records.write(actor, "undo_merge") as write:
        session = write.session
        merge = _merge_to_undo(session, merge_id)
        model = _MODELS[merge.entity]
        undo_id = _add_merge(write, merge.entity, (merge.kept_id, merge.merged_id), reason, undoes_id=merge.id)
        change(write, session.get_one(model, merge.merged_id), {"merged_into_id": None})
        moves = Moves(write, undo_id)
        conflicts = take_back(moves, merge.id)
        moved = len(moves)
        part_payers(moves)
        for other in _standing_merges(session, merge):
            again = Moves(write, other.id)
            point_at_kept(again, other.entity, (other.kept_id, other.merged_id))
            again.save()
        conflicts += keep_forbidden(moves, stayed_members(session, merge.entity, merge.kept_id))
        moves.save()
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
        ids = (kept.id, merged.id)
        conflicts = list(_differences(entity, kept, merged))
        sides = [ids_with_merged(session, model, row_id) for row_id in ids]
        conflicts += doubled_facts(session, entity, *sides)
        moves = Moves(write, _add_merge(write, entity, ids, reason))
        stayed = point_at_kept(moves, entity, ids)
        conflicts += [MergeConflict(None, None, None, row.__tablename__, row.id) for row in stayed]  # type: ignore[attr-defined]
        change(write, merged, {"merged_into_id": kept.id})
        conflicts += join_payers(moves)
        conflicts += keep_forbidden(moves, stayed)
        conflicts += extra_guardians(session, _files_of(session, entity, kept.id))
        if model is Person:
            index_people(session, [kept.id, merged.id])
        return MergeReport(moves.merge_id, moves.save(), tuple(conflicts))


def _add_merge(
    write: Write, entity: str, ids: tuple[int, int], reason: str, *, undoes_id: int | None = None
) -> int:
    return add(
        write,
        Merge(
            entity=entity,
            kept_id=ids[0],
            merged_id=ids[1],
            reason=reason or None,
            undoes_id=undoes_id,
            recorded_at=write.now,
            recorded_by=write.actor.signature,
        ),
    )


def _standing_merges(session: Session, undone: Merge) -> list[Merge]:
    """Return the other merges into the same row that nobody took back."""
    undo = aliased(Merge)
    return list(
        session.scalars(
            select(Merge)
            .outerjoin(undo, undo.undoes_id == Merge.id)
            .where(
                Merge.entity == undone.entity,
                Merge.kept_id == undone.kept_id,
                Merge.id != undone.id,
                Merge.undoes_id.is_(None),
                undo.id.is_(None),
            )
            .order_by(Merge.id)
        )
    )


def _files_of(session: Session, entity: str, kept_id: int) -> list[int]:
    if entity == "family":
        return [kept_id]
    return list(session.scalars(select(FamilyMember.family_id).where(FamilyMember.person_id == kept_id).distinct()))


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
