"""What a merge does to editable rows: those it points at what is kept, those that contradict it, and back.

Each change is one `merge_move` with the old and the new value, so that it can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from records.database import Write
from records.models import Base, Enrolment, EnrolmentPattern, MergeMove
from records.models.base import EDITABLE
from records.operations.lookup import change
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


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """What the two sides say differently, for a person to look at.

    With `field` alone, the kept value stands and the other can still be read on the merged row. `table` and
    `row_id` name a row that counts no more: it stayed on the merged side, or another fact of its slot was recorded
    later (« slot »). Or else one guardian too many (« guardian »), a payer who was two (« payer »), somebody now
    forbidden to collect who was not on the kept side (« pickup »).
    """

    field: str | None
    kept: str | None
    merged: str | None
    table: str | None = None
    row_id: int | None = None


class Moves:
    """The changes that one merge, or its taking back, makes to editable rows; written down by `save`."""

    def __init__(self, write: Write, merge_id: int) -> None:
        self.write, self.merge_id = write, merge_id
        self._values: dict[tuple[str, int, str], tuple[Any, Any]] = {}

    def __len__(self) -> int:
        return len(self._values)

    def put(self, row: Any, column: str, value: Any) -> bool:
        """Change one column of a row; False when a constraint of its table refuses, or nothing differs."""
        old = getattr(row, column)
        try:
            with self.write.session.begin_nested():
                is_changed = change(self.write, row, {column: value})
                self.write.session.flush()
        except IntegrityError:
            return False
        if is_changed:
            key = (row.__tablename__, row.id, column)
            first = self._values[key][0] if key in self._values else old
            self._values[key] = (first, value)
        return is_changed

    def touched(self, table: str) -> set[int]:
        """Return the rows of a table that were changed."""
        return {row_id for name, row_id, _ in self._values if name == table}

    def save(self) -> int:
        """Write the moves down; returns how many."""
        for (table, row_id, column), (old, new) in self._values.items():
            is_pointer = bool(Base.metadata.tables[table].c[column].foreign_keys)
            self.write.session.add(
                MergeMove(
                    merge_id=self.merge_id,
                    table_name=table,
                    row_id=row_id,
                    column_name=column,
                    old_id=old if is_pointer else None,
                    new_id=new if is_pointer else None,
                    old_value=None if is_pointer or old is None else str(old),
                    new_value=None if is_pointer or new is None else str(new),
                )
            )
        return len(self._values)


def take_back(moves: Moves, merge_id: int) -> list[MergeConflict]:
    """Give each row that a merge changed its former value; returns those changed or deleted since, left alone."""
    session, conflicts = moves.write.session, []
    done = select(MergeMove).where(MergeMove.merge_id == merge_id).order_by(MergeMove.id.desc())
    for move in session.scalars(done).all():
        row: Any = session.get(model_of(move.table_name), move.row_id)
        old, new = _values(move)
        if row is None or getattr(row, move.column_name) != new or not moves.put(row, move.column_name, old):
            conflicts.append(MergeConflict(move.column_name, None, None, move.table_name, move.row_id))
    return conflicts


def point_at_kept(moves: Moves, entity: str, ids: tuple[int, int]) -> list[Base]:
    """Point the rows of what is merged at what is kept (`ids`: kept, merged); returns those that contradict it."""
    kept_id, merged_id = ids
    stayed = []
    for row, column in _pointing_at(moves.write.session, entity, merged_id):
        if _contradicts(moves.write.session, row, column, kept_id) or not moves.put(row, column, kept_id):
            stayed.append(row)
    return stayed


def model_of(table: str) -> type[Base]:
    """Return the class of a table."""
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table.name == table)  # type: ignore[attr-defined]


def _values(move: MergeMove) -> tuple[Any, Any]:
    """Return the old and the new value of a move, as its column has them."""
    column = Base.metadata.tables[move.table_name].c[move.column_name]
    if column.foreign_keys:
        return move.old_id, move.new_id
    if isinstance(column.type, Date):
        old, new = (None if said is None else date.fromisoformat(said) for said in (move.old_value, move.new_value))
        return old, new
    return move.old_value, move.new_value


def _pointing_at(session: Session, entity: str, row_id: int) -> Iterator[tuple[Base, str]]:
    """Yield each editable row that points at a family or person, and by which column."""
    for table in Base.metadata.sorted_tables:
        if table.info.get("mutability") != EDITABLE["mutability"]:
            continue
        model = model_of(table.name)
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
    others: list[Any] = list(session.scalars(select(type(row)).where(*same)))
    at_once = [each for each in others if overlap((row.valid_from, row.valid_to), (each.valid_from, each.valid_to))]
    if isinstance(row, Enrolment):
        return any(_same_days(session, row, each) for each in at_once)
    return bool(at_once)


def _same_days(session: Session, one: Enrolment, other: Enrolment) -> bool:
    """Return False when two places share a child by different weekdays: both enrolments stand."""
    if one.structure_id == other.structure_id:
        return True
    days = [
        set(session.scalars(select(EnrolmentPattern.weekday).where(EnrolmentPattern.enrolment_id == each.id)))
        for each in (one, other)
    ]
    return not days[0] or not days[1] or bool(days[0] & days[1])
