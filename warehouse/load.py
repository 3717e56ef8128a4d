"""From records to the raw schema of a new DuckDB file: one consistent snapshot, and only the allowed columns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy.engine import make_url

from domain.time import local_day
from warehouse.columns import loaded_tables
from warehouse.errors import WarehouseError
from warehouse.raw import (
    NATIONAL_PARAMETER,
    BuildContext,
    create_raw,
    insert_rows,
    national_parameter_rows,
)

# How far ahead the calendar, the planned meals and the kitchen's estimate go: past any school holiday but summer.
HORIZON_DAYS = 35


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded: the watermark of records, and the days computed."""

    change_seq: int
    context: BuildContext


def load(url: str, file: Path, as_of: int, on_table: Callable[[str], None]) -> Loaded:
    """Fill the raw schema of a new file from one read transaction; raises WarehouseError without a collectivity."""
    dialect = make_url(url).get_backend_name()
    target = duckdb.connect(str(file))
    try:
        create_raw(target)
        with _source(url, dialect) as source:
            change_seq = _single(source, "select value from change_seq where id = 1")
            for table in loaded_tables().values():
                on_table(table.name)
                source.execute(table.select(dialect))
                incoming = source.fetch_record_batch()
                target.register("incoming", incoming)
                target.execute(f"insert into raw.{table.name} select * from incoming")  # noqa: S608 (our names)
                target.unregister("incoming")
        insert_rows(target, NATIONAL_PARAMETER, national_parameter_rows())
        context = _context(target, as_of)
        for name, rows in context.rows().items():
            insert_rows(target, name, rows)
        return Loaded(change_seq, context)
    finally:
        target.close()


def read_change_seq(url: str) -> int:
    """Return the watermark of records without opening them for anything else."""
    with _source(url, make_url(url).get_backend_name()) as source:
        return _single(source, "select value from change_seq where id = 1")


def parameters_hash() -> str:
    """Return the SHA-256 of the national parameters that a build uses."""
    return hashlib.sha256(json.dumps(national_parameter_rows()).encode()).hexdigest()


@contextmanager
def _source(url: str, dialect: str) -> Iterator[Any]:
    """Yield an ADBC cursor inside one read transaction."""
    if dialect == "postgresql":
        from adbc_driver_postgresql import dbapi as postgresql

        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = postgresql.connect(address)
    else:
        from adbc_driver_sqlite import dbapi as sqlite

        connection = sqlite.connect(make_url(url).database)
    try:
        with connection.cursor() as cursor:
            if dialect == "postgresql":
                cursor.execute("set transaction isolation level repeatable read, read only")
            yield cursor
    finally:
        connection.rollback()
        connection.close()


def _single(source: Any, query: str) -> int:
    source.execute(query)
    return int(source.fetchone()[0])


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
