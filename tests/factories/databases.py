"""Migrated records on either engine, as new for each test.

What a database holds at first is made once a run, for all workers and suites, and copied. A worker keeps one
database and one engine for it, put back before each test: a new engine would compile the same SQL again, and a
PostgreSQL database for each test would write some gigabytes a run. What a test does to the schema, or to the folder
of the database, needs `sqlite_copy` or `postgres_copy`.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import Engine

from domain.time import Clock
from records import migrations
from records.database import DATABASE_FILE, Records, attach_own_keyring, open_engine, open_records, records_url
from records.models import Base
from tests.factories.town import HandClock, make_town
from tests.harness import postgres

ENGINES = ("sqlite", "postgresql")
_LOCK_SECONDS_MAX = 60


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

    def as_new(self, clock: Clock) -> Records:
        """Empty the file's folder, copy the template and return its records."""
        self.engine.dispose()
        for left in self.file.parent.iterdir():
            left.unlink()
        shutil.copyfile(self.template, self.file)
        attach_own_keyring(self.engine)
        return Records(self.engine, clock)


@dataclass(frozen=True)
class PostgresDatabase:
    """One PostgreSQL database that is put back as it was filled, row by row and number by number."""

    engine: Engine
    upkeep: psycopg.Connection

    def as_new(self, clock: Clock) -> Records:
        """Put the database back and return its records."""
        self.upkeep.execute("select filled.put_back()")
        attach_own_keyring(self.engine)
        return Records(self.engine, clock)


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
        upkeep.execute("create schema filled")
        upkeep.execute(_put_back(_keep_rows(upkeep)).encode())
        yield PostgresDatabase(engine, upkeep)
    engine.dispose()


def _keep_rows(upkeep: psycopg.Connection) -> set[str]:
    """Keep a copy of what each table holds; return the names of those that hold something."""
    kept = set()
    for table in Base.metadata.sorted_tables:
        if upkeep.execute(f"select from {table.name} limit 1".encode()).rowcount:
            upkeep.execute(f"create table filled.{table.name} as table public.{table.name}".encode())
            kept.add(table.name)
    return kept


def _put_back(kept: set[str]) -> str:
    """Return a function that empties every table and fills it again, rows and numbers; its plans are made once."""
    statements = [f"delete from {table.name}" for table in reversed(Base.metadata.sorted_tables)]
    statements += [f"insert into {name} select * from filled.{name}" for name in sorted(kept)]
    statements += [
        f"perform setval('{table.name}_{column.name}_seq', "
        f"(select coalesce(max({column.name}), 0) + 1 from {table.name}), false)"
        for table in Base.metadata.sorted_tables
        if (column := table.autoincrement_column) is not None
    ]
    body = "; ".join(statements)
    return f"create function filled.put_back() returns void language plpgsql as $$ begin {body}; end $$"


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
