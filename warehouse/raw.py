"""The raw schema in DuckDB: the loaded tables of records, and those that the load itself fills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow

from domain.parameters import EnteredValue, with_entered
from warehouse.columns import loaded_tables

RawRow = tuple[int | str, ...]

BUILD_DAYS = "build_days"
BUILD_MOMENT = "build_moment"
NATIONAL_PARAMETER = "national_parameter"
OPEN_HOLE = "open_hole"
# By table of records: which rows were merged, and into which.
KEPT = {"family": "kept_family", "payer": "kept_payer", "person": "kept_person"}
_NUMBER, _TEXT = pyarrow.int64(), pyarrow.string()
_OWN_TABLES: dict[str, dict[str, pyarrow.DataType]] = {
    BUILD_DAYS: {"first_day": _TEXT, "last_day": _TEXT, "last_line_day": _TEXT},
    BUILD_MOMENT: {"as_of": _NUMBER},
    **{name: {"id": _NUMBER, "kept_id": _NUMBER} for name in KEPT.values()},
    OPEN_HOLE: {
        "device_id": _NUMBER,
        "epoch": _TEXT,
        "first_missing": _NUMBER,
        "last_missing": _NUMBER,
        "from_at": _NUMBER,
        "until_at": _NUMBER,
        "is_undated": _NUMBER,
    },
    NATIONAL_PARAMETER: {
        "parameter_id": _TEXT,
        "valid_from": _TEXT,
        "valid_to": _TEXT,
        "value": _TEXT,
        "reference": _TEXT,
    },
}


def raw_types(table: str) -> dict[str, pyarrow.DataType]:
    """Return the columns of a raw table with their Arrow types, in order."""
    if table in _OWN_TABLES:
        return _OWN_TABLES[table]
    return {column.name: _NUMBER if column.is_number else _TEXT for column in loaded_tables()[table].columns}


def raw_tables() -> list[str]:
    """Return the names of all raw tables."""
    return [*loaded_tables(), *_OWN_TABLES]


def create_raw(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty raw tables."""
    connection.execute("create schema if not exists raw")
    for table in loaded_tables().values():
        connection.execute(table.create())
    for name, columns in _OWN_TABLES.items():
        typed = ", ".join(
            f"{column} {'bigint' if kind == _NUMBER else 'varchar'}" for column, kind in columns.items()
        )
        connection.execute(f"create or replace table raw.{name} ({typed})")


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[RawRow]) -> None:
    """Add rows, given in the order of the table's columns, in one statement."""
    connection.register("incoming", arrow_rows(table, rows))
    connection.execute(f"insert into raw.{table} select * from incoming")  # noqa: S608 (our names)
    connection.unregister("incoming")


def arrow_rows(table: str, rows: Sequence[RawRow]) -> pyarrow.Table:
    """Return rows, given in the order of the table's columns, as Arrow columns."""
    types = raw_types(table)
    columns = zip(*rows, strict=True) if rows else [()] * len(types)
    arrays = [pyarrow.array(column, kind) for column, kind in zip(columns, types.values(), strict=True)]
    return pyarrow.table(arrays, names=list(types))


@dataclass(frozen=True, slots=True)
class BuildContext:
    """The moment, in µs UTC, and the days that a run is about; lines are priced through `last_line_day`."""

    as_of: int
    first_day: date
    last_day: date
    last_line_day: date

    def rows(self) -> dict[str, list[RawRow]]:
        """Return the raw rows that say so."""
        days = (self.first_day, self.last_day, self.last_line_day)
        return {BUILD_DAYS: [tuple(day.isoformat() for day in days)], BUILD_MOMENT: [(self.as_of,)]}


def national_parameter_rows(entered: Iterable[EnteredValue] = ()) -> list[RawRow]:
    """Return the national parameters, packaged and entered, as raw rows, dated values oldest first."""
    return [
        (
            parameter.id,
            dated.valid_from.isoformat(),
            end.isoformat() if end else "",
            str(dated.value),
            dated.reference,
        )
        for parameter in with_entered(entered).values()
        for dated, end in parameter.periods()
    ]
