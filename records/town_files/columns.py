"""What a file declares: its table, its columns and what each row points at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import String, Table

from records.actors import Right
from records.models import Base
from records.town_files.kinds import POINTER, Kind

NOW, SIGNATURE = "maintenant", "qui importe"  # what stands in for an empty instant of recording and its signature


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of a file: its French header, the field of the table (None: part of a joined pointer or a number).

    `target` names the file whose key it gives. `default` stands for an empty value.
    """

    name: str
    field: str | None
    kind: Kind
    what: str
    example: str
    target: str | None = None
    default: Any = None
    is_needed: bool | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """A pointer given by several columns: the field, the file pointed at, the columns that give its key."""

    field: str
    target: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class TownFile:
    """One file: its rows are those of `model`; `key` are the columns by which other rows point at its rows.

    `derived` gives the fields that nobody writes, from the values by field. `left_out` are fields that no file
    holds, each with what it is in French. `number` is the column of a row's own number, for facts that correct
    another.
    """

    name: str
    title: str
    grain: str
    model: type[Base]
    columns: tuple[FileColumn, ...]
    key: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()
    derived: Mapping[str, Callable[[Mapping[str, Sequence[Any]]], list[Any]]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    number: str | None = None
    reads: Right | None = None  # what the export asks for besides its own right
    writes: Right | None = None  # what the import asks for besides its own right
    rules: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """The name of the file in the folder."""
        return f"{self.name}.csv"

    @property
    def table(self) -> Table:
        """The table of its rows."""
        table = self.model.__table__
        assert isinstance(table, Table)
        return table

    def column(self, name: str) -> FileColumn:
        """Return a column by its header."""
        return next(each for each in self.columns if each.name == name)

    def of_field(self, name: str) -> FileColumn | None:
        """Return the column of a field, None for one that no column gives alone."""
        return next((each for each in self.columns if each.field == name), None)

    def names_of(self, fields: Sequence[str]) -> tuple[str, ...]:
        """Return the headers that give some fields, joined ones included."""
        found: list[str] = []
        for name in fields:
            column = self.of_field(name)
            joined = [each for join in self.joins if join.field == name for each in join.columns]
            found += [column.name] if column is not None else joined
        return tuple(dict.fromkeys(found))

    def is_required(self, column: FileColumn) -> bool:
        """Return whether each row must give the column: what the table says, unless a default stands in."""
        if column.is_needed is not None or column.field is None:
            return bool(column.is_needed)
        return not self.sql(column.field).nullable and column.default is None

    def length_max(self, column: FileColumn) -> int | None:
        """Return how many characters the table takes, None without a limit."""
        kind = None if column.field is None or column.target is not None else self.sql(column.field).type
        return kind.length if isinstance(kind, String) else None

    def sql(self, name: str) -> SqlColumn[Any]:
        """Return a column of the table."""
        return self.table.c[name]


def col(name: str, field_name: str | None, kind: Kind, what: str, example: str, **more: Any) -> FileColumn:
    """Return a column that gives a field of its own."""
    return FileColumn(name, field_name, kind, what, example, **more)


def to(name: str, field_name: str, target: str, what: str, example: str) -> FileColumn:
    """Return a column that points at a row of another file by its key."""
    return FileColumn(name, field_name, POINTER, what, example, target=target)


def numbered(*keys: str) -> Callable[[Mapping[str, Sequence[Any]]], list[Any]]:
    """Return what numbers the rows of each key from 1, in the order of the file."""

    def number(values: Mapping[str, Sequence[Any]]) -> list[Any]:
        last: dict[tuple[Any, ...], int] = {}
        found = []
        for key in zip(*(values[name] for name in keys), strict=True):
            last[key] = last.get(key, 0) + 1
            found.append(last[key])
        return found

    return number
