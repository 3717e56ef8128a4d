"""Reading through merges: the row that was kept, and all ids that are now the same one (docs/adr/0012).

Facts keep the id they were written under. Whoever reads them maps that id, and whoever writes starts from what was
kept. An editable row still under a merged id is one that contradicted the kept side: it no longer counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from records.models import Family, Payer, Person
from records.operations.lookup import by_ref, ids_by_ref, invalid

Mergeable = TypeVar("Mergeable", Family, Person, Payer)


@dataclass(frozen=True, slots=True)
class KeptIds:
    """The kept id of each merged one, however many merges lie between; another id stands for itself."""

    kept: Mapping[int, int]

    def of(self, row_id: int) -> int:
        """Return the id that a row's own is now."""
        return self.kept.get(row_id, row_id)

    def with_merged(self, ids: Iterable[int]) -> frozenset[int]:
        """Return the ids with all those merged into one of them: what facts about these may be written under."""
        wanted = frozenset(ids)
        return wanted | {row_id for row_id, kept_id in self.kept.items() if kept_id in wanted}


def kept_ids_sql(table: str) -> str:
    """Return the query of (id, kept id) of every merged row of a table; the same on both engines."""
    return (
        f"with recursive merged (id, kept_id) as ("  # noqa: S608 (our own table names)
        f"select id, merged_into_id from {table} where merged_into_id is not null "
        f"union all select merged.id, {table}.merged_into_id from merged "
        f"inner join {table} on {table}.id = merged.kept_id where {table}.merged_into_id is not null) "
        f"select merged.id, merged.kept_id from merged inner join {table} on {table}.id = merged.kept_id "
        f"where {table}.merged_into_id is null"
    )


def kept_ids(session: Session, model: type[Family] | type[Person] | type[Payer]) -> KeptIds:
    """Return which rows were merged into which: few, read once per question."""
    rows = session.execute(text(kept_ids_sql(model.__tablename__)))
    return KeptIds({int(row.id): int(row.kept_id) for row in rows})


def kept_by_ref(session: Session, model: type[Mergeable], ref: str) -> Mergeable:
    """Return the row of a ref, or the one it was merged into, however many times. Raises NotFound."""
    row = by_ref(session, model, ref)
    while row.merged_into_id is not None:
        row = session.get_one(model, row.merged_into_id)
    return row


def kept_ids_by_ref(session: Session, model: type[Mergeable], refs: Iterable[str]) -> dict[str, int]:
    """Return the kept id of each ref; raises NotFound naming those that do not exist."""
    found = ids_by_ref(session, model, refs)
    kept = kept_ids(session, model)
    return {ref: kept.of(row_id) for ref, row_id in found.items()}


def payer_of(session: Session, family: Family, payer_ref: str | None) -> Payer | None:
    """Return the kept payer of a file, none when none is named. Raises NotFound; InvalidData for a stranger."""
    if payer_ref is None:
        return None
    payer = kept_by_ref(session, Payer, payer_ref)
    if payer.family_id != family.id:
        raise invalid(f"Le payeur « {payer_ref} » n'appartient pas à ce dossier.", payer=payer_ref)
    return payer


def ids_with_merged(session: Session, model: type[Family] | type[Person] | type[Payer], row_id: int) -> list[int]:
    """Return the id and those of all rows merged into it: facts written about any of them are about this one."""
    return sorted(kept_ids(session, model).with_merged([row_id]))


def unmerged(person_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that an editable row is still somebody's: none that stayed with a merged person."""
    return person_id.not_in(select(Person.id).where(Person.merged_into_id.is_not(None)))
