"""Blanking and erasing rows under an order, and counting what was done by table and column, without a value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, delete, update
from sqlalchemy.orm import Session

from records.models import Base
from records.models.base import personal_columns
from records.operations.lookup import chunks

ERASED_TITLE = "Document effacé"
ERASED_NAME = "Dossier anonymisé"
ERASED_FIRST_NAME, ERASED_LAST_NAME = "Personne", "anonymisée"
ERASED_ACCOUNT = "Compte effacé"
ERASED_LOGIN = "anonyme-"
ERASED, BLANKED = "erased", "blanked"


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to one table: `erased` rows, or `blanked` columns."""

    table: str
    done: str
    columns: tuple[str, ...]
    rows: int


@dataclass
class Eraser:
    """Erases and blanks inside one open write, and keeps count."""

    session: Session
    _counts: dict[tuple[str, str], tuple[set[str], int]] = field(default_factory=dict)

    def erase(self, table_name: str, column: str, values: Collection[Any]) -> None:
        """Delete the rows of an editable table whose column holds one of the values."""
        table = Base.metadata.tables[table_name]
        for part in chunks(sorted(values)):
            result = self.session.execute(delete(table).where(table.c[column].in_(part)))
            self._count(table_name, ERASED, (), result.rowcount)  # type: ignore[attr-defined]

    def blank(self, table_name: str, column: str, values: Collection[Any], names: Sequence[str]) -> None:
        """Empty columns of the rows whose column holds one of the values; facts keep everything else."""
        table = Base.metadata.tables[table_name]
        self.replace(table_name, column, values, {name: _nothing(table, name) for name in names})

    def replace(self, table_name: str, column: str, values: Collection[Any], new: Mapping[str, Any]) -> None:
        """Give columns a value that names nobody."""
        table = Base.metadata.tables[table_name]
        for part in chunks(sorted(values)):
            self._update(table, table.c[column].in_(part), new)

    def replace_each(self, table_name: str, ids: Collection[int], new: Mapping[str, str]) -> None:
        """Give columns a value of each row's own: « {} » in it is the row's id."""
        table = Base.metadata.tables[table_name]
        for row_id in sorted(ids):
            values = {name: pattern.format(row_id) for name, pattern in new.items()}
            self._update(table, table.c.id == row_id, values)

    def unsign(self, signatures: Collection[str]) -> None:
        """Take away who signed, wherever one of these people did."""
        for table in Base.metadata.sorted_tables:
            for name in ("recorded_by", "settled_by", "asked_by", "actor"):
                may = table.info.get("mutability") is None or name in personal_columns(table)
                if name in table.c and (may or table.info.get("mutability") == "editable"):
                    for part in chunks(sorted(signatures)):
                        self._update(table, table.c[name].in_(part), {name: _nothing(table, name)})

    def done(self) -> list[Done]:
        """Return what was done, by table."""
        return [
            Done(table, done, tuple(sorted(columns)), rows)
            for (table, done), (columns, rows) in sorted(self._counts.items())
            if rows
        ]

    def _update(self, table: Table, condition: ColumnElement[bool], new: Mapping[str, Any]) -> None:
        values = dict(new)
        if table.info.get("mutability") == "editable":
            values["row_version"] = table.c.row_version + 1
        result = self.session.execute(update(table).where(condition).values(**values))
        self._count(table.name, BLANKED, tuple(new), result.rowcount)  # type: ignore[attr-defined]

    def _count(self, table: str, done: str, columns: Sequence[str], rows: int) -> None:
        known, count = self._counts.get((table, done), (set(), 0))
        self._counts[table, done] = (known | (set(columns) if rows else set()), count + rows)


def _nothing(table: Table, name: str) -> object:
    """Return what says nothing in a column: NULL where it may be, else the empty text or bytes."""
    column = table.c[name]
    if column.nullable:
        return None
    return b"" if isinstance(column.type, LargeBinary) else ""
