"""Migrated records on either engine, as new for each test.

What a database holds at first is made once a run, for all workers and suites, and copied. A worker keeps one
database and one engine for it, put back before each test: a new engine would compile the same SQL again, and a
PostgreSQL database for each test would write some gigabytes a run. What a test does to the schema, or to the folder
of the database, needs `sqlite_copy` or `postgres_copy`. What several tests of a file begin with is made by the
first and put back for the others: `filled_once`.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine

from domain.time import Clock
from records import migrations
from records.database import DATABASE_FILE, Records, attach_own_keyring, open_engine, open_records, records_url
from records.models import Base
from tests.factories.town import HandClock, make_town
from tests.harness import postgres

ENGINES = ("sqlite", "postgresql")
AS_NEW = "filled"
_LOCK_SECONDS_MAX = 60
Made = TypeVar("Made")


@dataclass(frozen=True)
class Content:
    """What migrated records hold at first: a name, one for the run, and what fills them."""

    name: str
    fill: Callable[[Records], None]


EMPTY = Content("migrated", lambda records: None)
SMALL_TOWN = Content("small_town", make_town)


def sqlite_template(content: Content) -> Path:
    """Return this run's SQLite file with that content; to be copied."""
    folder = postgres.run_folder()
    path = folder / f"{content.name}.db"
    with postgres.locked(folder, path.name):
        if not path.exists():
            making = folder / f"{content.name}-making.db"
            if content is not EMPTY:
                shutil.copyfile(sqlite_template(EMPTY), making)
            _make(f"sqlite:///{making}", content)
            making.rename(path)
    return path


def sqlite_copy(template: Path, folder: Path, clock: Clock) -> Records:
    """Return records in a copy of a template file."""
    copy = folder / DATABASE_FILE
    shutil.copyfile(template, copy)
    return open_records(f"sqlite:///{copy}", clock)


def empty_home(home: Path) -> str:
    """Put migrated, empty records in a MARELLE_HOME, made if need be; return their address."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(sqlite_template(EMPTY), home / DATABASE_FILE)
    return records_url(home)


def postgres_copy(cluster: postgres.Cluster, content: Content, clock: Clock) -> Records:
    """Return records in a copy of this run's PostgreSQL database with that content."""
    return open_records(records_url(Path(), postgres.fresh_database(_postgres_template(cluster, content))), clock)


@dataclass(frozen=True)
class SqliteDatabase:
    """One SQLite file, copied again from its template before each test."""

    engine: Engine
    template: Path
    file: Path
    filled: dict[Callable[[Records], Any], tuple[bytes, Any]] = field(default_factory=dict)

    def as_new(self, clock: Clock) -> Records:
        """Empty the file's folder, copy the template and return its records."""
        self._put(self.template.read_bytes())
        return Records(self.engine, clock)

    def filled_once(self, records: Records, fill: Callable[[Records], Made]) -> Made:
        """Fill these records, which are as new, or put back what the first call put; return what it returned.

        `fill` names what they then hold: it always begins with the same.
        """
        if fill in self.filled:
            self._put(self.filled[fill][0])
        else:
            made = fill(records)
            self.engine.dispose()  # what was written joins the file
            self.filled[fill] = self.file.read_bytes(), made
        found: Made = self.filled[fill][1]
        return found

    def _put(self, content: bytes) -> None:
        self.engine.dispose()
        for left in self.file.parent.iterdir():
            left.unlink()
        self.file.write_bytes(content)
        attach_own_keyring(self.engine)


@dataclass(frozen=True)
class PostgresDatabase:
    """One PostgreSQL database that is put back as it was filled, row by row and number by number."""

    engine: Engine
    upkeep: psycopg.Connection
    filled: dict[Callable[[Records], Any], tuple[str, Any]] = field(default_factory=dict)

    def as_new(self, clock: Clock) -> Records:
        """Put the database back and return its records."""
        self._put(AS_NEW)
        return Records(self.engine, clock)

    def filled_once(self, records: Records, fill: Callable[[Records], Made]) -> Made:
        """Do the same here."""
        if fill in self.filled:
            self._put(self.filled[fill][0])
        else:
            made = fill(records)
            schema = f"filled_{len(self.filled)}"
            _keep_rows(self.upkeep, schema)
            self.filled[fill] = schema, made
        found: Made = self.filled[fill][1]
        return found

    def _put(self, schema: str) -> None:
        self.upkeep.execute(f"select {schema}.put_back()".encode())
        attach_own_keyring(self.engine)


Database = SqliteDatabase | PostgresDatabase


@contextmanager
def sqlite_database(content: Content, folder: Path) -> Iterator[SqliteDatabase]:
    """Keep one SQLite database in a folder of its own, with that content before each test."""
    file = folder / DATABASE_FILE
    engine = open_engine(f"sqlite:///{file}")
    yield SqliteDatabase(engine, sqlite_template(content), file)
    engine.dispose()


@contextmanager
def postgres_database(cluster: postgres.Cluster, content: Content) -> Iterator[PostgresDatabase]:
    """Keep one PostgreSQL database, with that content before each test."""
    url = postgres.fresh_database(_postgres_template(cluster, content))
    engine = open_engine(records_url(Path(), url))
    with psycopg.connect(url, autocommit=True) as upkeep:
        # Triggers rest for this session: facts are deleted here and nowhere else.
        upkeep.execute("set session_replication_role = replica")
        upkeep.execute(
            f"set lock_timeout = '{_LOCK_SECONDS_MAX}s'".encode()
        )  # of a test that left a transaction open
        _keep_rows(upkeep, AS_NEW)
        yield PostgresDatabase(engine, upkeep)
    engine.dispose()


def _keep_rows(upkeep: psycopg.Connection, schema: str) -> None:
    """Keep a copy of what each table holds in a schema, whose function `put_back` puts it back."""
    upkeep.execute(f"create schema {schema}".encode())
    kept = set()
    for table in Base.metadata.sorted_tables:
        if upkeep.execute(f"select from {table.name} limit 1".encode()).rowcount:
            upkeep.execute(f"create table {schema}.{table.name} as table public.{table.name}".encode())
            kept.add(table.name)
    upkeep.execute(_put_back(schema, kept).encode())


def _put_back(schema: str, kept: set[str]) -> str:
    """Return a function that empties every table and fills it again, rows and numbers; its plans are made once."""
    statements = [f"delete from {table.name}" for table in reversed(Base.metadata.sorted_tables)]
    statements += [f"insert into {name} select * from {schema}.{name}" for name in sorted(kept)]
    statements += [
        f"perform setval('{table.name}_{column.name}_seq', "
        f"(select coalesce(max({column.name}), 0) + 1 from {table.name}), false)"
        for table in Base.metadata.sorted_tables
        if (column := table.autoincrement_column) is not None
    ]
    body = "; ".join(statements)
    return f"create function {schema}.put_back() returns void language plpgsql as $$ begin {body}; end $$"


def _postgres_template(cluster: postgres.Cluster, content: Content) -> str:
    if content is EMPTY:
        return postgres.template_database(cluster, content.name, lambda url: _make(url, content))
    _postgres_template(cluster, EMPTY)
    return postgres.template_database(cluster, content.name, lambda url: _make(url, content), EMPTY.name)


def _make(url: str, content: Content) -> None:
    migrations.upgrade(url)
    records = open_records(url, HandClock())
    content.fill(records)
    records.close()
