"""Migrated records on either engine, as new for each test.

SQLite: a file copied from a template. PostgreSQL: one database a worker, put back as it was before each test; a
copy a test would write some gigabytes a run. What a test does to the schema needs `postgres_copy`.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from domain.time import Clock
from records import migrations
from records.database import Records, open_records, records_url
from records.models import Base
from tests.harness import postgres

ENGINES = ("sqlite", "postgresql")
Fill = Callable[[Records], None]


def fill_nothing(records: Records) -> None:
    """Leave the records as the migrations made them."""


def sqlite_template(path: Path, fill: Fill, clock: Clock) -> Path:
    """Make a migrated SQLite file, filled; to be copied."""
    _make(f"sqlite:///{path}", fill, clock)
    return path


def sqlite_copy(template: Path, folder: Path, clock: Clock) -> Records:
    """Return records in a copy of a template file."""
    copy = folder / "records.db"
    shutil.copyfile(template, copy)
    return open_records(f"sqlite:///{copy}", clock)


def postgres_copy(cluster: postgres.Cluster, name: str, fill: Fill, clock: Clock) -> Records:
    """Return records in a copy of the template database of that name, made by the first who asks."""
    template = postgres.template_database(cluster, name, lambda url: _make(url, fill, clock))
    return open_records(records_url(Path(), postgres.fresh_database(template)), clock)


@dataclass(frozen=True)
class PostgresDatabase:
    """One database that is put back as it was filled, row by row and number by number."""

    url: str

    def as_new(self, clock: Clock) -> Records:
        """Put the database back and return its records."""
        with psycopg.connect(self.url) as connection:
            connection.execute(_PUT_BACK.encode())  # in one round trip
        return open_records(records_url(Path(), self.url), clock)


def postgres_database(cluster: postgres.Cluster, name: str, fill: Fill, clock: Clock) -> PostgresDatabase:
    """Return this worker's own database, filled like the template of that name."""
    template = postgres.template_database(cluster, name, lambda url: _make(url, fill, clock))
    url = postgres.fresh_database(template)
    with psycopg.connect(url) as connection:
        connection.execute("create schema filled")
        for table in Base.metadata.sorted_tables:
            connection.execute(f"create table filled.{table.name} as table public.{table.name}")
    return PostgresDatabase(url)


def _put_back() -> str:
    """Return what empties every table and fills it again, rows and numbers."""
    tables = Base.metadata.sorted_tables
    # Triggers rest for this session: facts are deleted here and nowhere else.
    statements = ["set session_replication_role = replica"]
    statements += [f"delete from {table.name}" for table in reversed(tables)]
    statements += [f"insert into {table.name} select * from filled.{table.name}" for table in tables]
    statements += [
        f"select setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "
        f"(select coalesce(max({column.name}), 0) + 1 from {table.name}), false)"
        for table in tables
        if (column := table.autoincrement_column) is not None
    ]
    return "; ".join(statements)


_PUT_BACK = _put_back()


def _make(url: str, fill: Fill, clock: Clock) -> None:
    migrations.upgrade(url)
    records = open_records(url, clock)
    fill(records)
    records.close()
