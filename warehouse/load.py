"""From records to the raw schema of a new DuckDB file: one consistent snapshot, and only the allowed columns.

ADBC's driver brings its own copy of SQLite, and two copies of SQLite in one process must never open the same file:
locks are the process's, so the one that closes believes itself alone and deletes the journal that the other is
writing to. So SQLite records are first copied, by the library that writes them, and ADBC reads the copy
(docs/adr/0008).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
from sqlalchemy.engine import URL, make_url

from domain.parameters import EnteredValue
from domain.time import local_day
from records.operations.hole_windows import open_windows_sql
from records.operations.merged import kept_ids_sql
from warehouse.columns import loaded_tables
from warehouse.errors import WarehouseError
from warehouse.raw import (
    KEPT,
    NATIONAL_PARAMETER,
    OPEN_HOLE,
    BuildContext,
    create_raw,
    insert_rows,
    national_parameter_rows,
)

# How far ahead the calendar, the planned meals and the kitchen's estimate go: past any school holiday but summer.
HORIZON_DAYS = 35
# By far the most rows.
_READ_IN_HALVES = "tap"
_LAST_PURGE = "select coalesce(max(change_seq), 0) from audit where entity = 'purge_order'"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded: the watermark of records, that of the last purge (0: none), and the days computed."""

    change_seq: int
    context: BuildContext
    purged_seq: int = 0


def load(url: str, file: Path, as_of: int, on_table: Callable[[str], None]) -> Loaded:
    """Fill the raw schema of a new file from one read transaction; raises WarehouseError without a collectivity."""
    dialect = make_url(url).get_backend_name()
    # Tables have no order; to keep that of records would cost as much as writing them. Each half is written by the
    # thread that reads it: a third would take turns with both, and leave pieces to put together.
    target = duckdb.connect(str(file), config={"preserve_insertion_order": False, "threads": 1})
    try:
        create_raw(target)
        with _source(url, file.parent) as (source, *others):
            change_seq = _single(source, "select value from change_seq where id = 1")
            purged_seq = _single(source, _LAST_PURGE)
            for table in loaded_tables().values():
                on_table(table.name)
                if table.name == _READ_IN_HALVES and others:
                    _copy_in_halves((source, others[0]), table.select(dialect), target, table.name)
                else:
                    _copy(source, table.select(dialect), target, table.name)
            _copy(source, open_windows_sql(as_of), target, OPEN_HOLE)
            for table_name, raw_name in KEPT.items():
                _copy(source, kept_ids_sql(table_name), target, raw_name)
            insert_rows(target, NATIONAL_PARAMETER, national_parameter_rows(_entered(source)))
        context = _context(target, as_of)
        for name, rows in context.rows().items():
            insert_rows(target, name, rows)
        return Loaded(change_seq, context, purged_seq)
    finally:
        target.close()


def _copy(source: Any, query: str, target: duckdb.DuckDBPyConnection, table: str) -> None:
    """Copy the rows of a query into a raw table with the same columns."""
    source.execute(query)
    incoming = source.fetch_record_batch()
    target.register("incoming", incoming)
    target.execute(f"insert into raw.{table} select * from incoming")  # noqa: S608 (our names)
    target.unregister("incoming")


def _copy_in_halves(sources: tuple[Any, Any], query: str, target: duckdb.DuckDBPyConnection, table: str) -> None:
    """Do what `_copy` does with two cursors, one a core: in one statement each would wait for the other."""
    least, most = _row(sources[0], f"select coalesce(min(id), 0), coalesce(max(id), 0) from {table}")  # noqa: S608 (ours)
    middle = (least + most) // 2
    halves = (f"{query} where id <= {middle}", f"{query} where id > {middle}")

    def copy(source: Any, half: str) -> None:
        with target.cursor() as writer:
            _copy(source, half, writer, table)

    with ThreadPoolExecutor(len(halves)) as threads:
        for copied in [threads.submit(copy, *each) for each in zip(sources, halves, strict=True)]:
            copied.result()


def parameters_hash() -> str:
    """Return the SHA-256 of the national parameters that a build uses."""
    return hashlib.sha256(json.dumps(national_parameter_rows()).encode()).hexdigest()


@contextmanager
def _source(url: str, work: Path) -> Iterator[tuple[Any, ...]]:
    """Yield ADBC cursors that see one state of records: of PostgreSQL one, of SQLite two."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        with _postgresql(address) as cursor:
            yield (cursor,)
        return
    copy = work / "records-copy.db"
    _copy_sqlite(Path(address.database or ""), copy)
    try:
        with _sqlite(copy) as cursor, _sqlite(copy) as other:
            yield cursor, other
    finally:
        copy.unlink()


@contextmanager
def _postgresql(address: URL) -> Iterator[Any]:
    from adbc_driver_postgresql import dbapi

    libpq = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with dbapi.connect(libpq) as connection, connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        yield cursor
        connection.rollback()


@contextmanager
def _sqlite(file: Path) -> Iterator[Any]:
    from adbc_driver_sqlite import dbapi

    with dbapi.connect(str(file)) as connection, connection.cursor() as cursor:
        yield cursor
        connection.rollback()


def _copy_sqlite(records: Path, copy: Path) -> None:
    """Copy a live SQLite file in one step, so as of one commit; writers go on, only its owner may read it."""
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    address = f"file:{quote(str(records))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(copy)) as target:
        # What is gone with this build need not outlast a power cut.
        target.execute("pragma synchronous = off")
        source.backup(target)


def _entered(source: Any) -> list[EnteredValue]:
    """Return the State values that the town entered, the one that stands last."""
    source.execute("select parameter_id, valid_from, value, source from state_value order by id")
    return [
        EnteredValue(name, date.fromisoformat(str(day)), Decimal(value), text)
        for name, day, value, text in source.fetchall()
    ]


def _single(source: Any, query: str) -> int:
    return _row(source, query)[0]


def _row(source: Any, query: str) -> tuple[int, ...]:
    source.execute(query)
    return tuple(int(value) for value in source.fetchone())


def _context(target: duckdb.DuckDBPyConnection, as_of: int) -> BuildContext:
    towns = target.execute("select timezone from raw.collectivity").fetchall()
    if not towns:
        raise WarehouseError(
            "Aucune collectivité n'est enregistrée ici : il n'y a rien à calculer. Lancez « marelle demo » pour "
            "essayer, ou enregistrez votre collectivité."
        )
    today = local_day(as_of, towns[0][0])
    first = target.execute(
        "select min(day) from (select starts_on as day from raw.school_year "
        "union all select valid_from from raw.enrolment union all select day from raw.booking)"
    ).fetchall()[0][0]
    first_day = date.fromisoformat(first) if first else today
    return BuildContext(as_of, min(first_day, today), today + timedelta(days=HORIZON_DAYS), today)
