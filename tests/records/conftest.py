"""Records on both engines: every test that asks for them runs twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from records.database import Records
from tests.factories.databases import (
    EMPTY,
    ENGINES,
    SMALL_TOWN,
    Database,
    postgres_database,
    sqlite_copy,
    sqlite_database,
    sqlite_template,
)
from tests.factories.town import HandClock
from tests.harness.postgres import Cluster


@pytest.fixture
def clock() -> HandClock:
    """The records' clock: 8:00 on Tuesday 24 November 2026 until it is moved."""
    return HandClock()


@pytest.fixture(scope="session")
def empty_file() -> Path:
    """A migrated SQLite file, to be copied."""
    return sqlite_template(EMPTY)


@pytest.fixture(scope="session")
def town_file() -> Path:
    """A SQLite file with the small town, to be copied."""
    return sqlite_template(SMALL_TOWN)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """This worker's migrated SQLite database."""
    with sqlite_database(EMPTY, tmp_path_factory.mktemp("empty")) as database:
        yield database


@pytest.fixture(scope="session")
def town_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """This worker's SQLite database with the small town."""
    with sqlite_database(SMALL_TOWN, tmp_path_factory.mktemp("town")) as database:
        yield database


@pytest.fixture(scope="session")
def empty_postgresql(postgres_cluster: Cluster) -> Iterator[Database]:
    """This worker's migrated PostgreSQL database."""
    with postgres_database(postgres_cluster, EMPTY) as database:
        yield database


@pytest.fixture(scope="session")
def town_postgresql(postgres_cluster: Cluster) -> Iterator[Database]:
    """This worker's PostgreSQL database with the small town."""
    with postgres_database(postgres_cluster, SMALL_TOWN) as database:
        yield database


@pytest.fixture(params=ENGINES)
def records(request: pytest.FixtureRequest, clock: HandClock) -> Records:
    """Empty, migrated records on each engine in turn."""
    database: Database = request.getfixturevalue(f"empty_{request.param}")
    return database.as_new(clock)


@pytest.fixture(params=ENGINES)
def town_database(request: pytest.FixtureRequest) -> Database:
    """The database of the small town on each engine in turn; begin from its `town`."""
    found: Database = request.getfixturevalue(f"town_{request.param}")
    return found


@pytest.fixture
def town(town_database: Database, clock: HandClock) -> Records:
    """Records of the small town on each engine in turn."""
    return town_database.as_new(clock)


@pytest.fixture
def empty_records(tmp_path: Path, empty_file: Path) -> Iterator[Records]:
    """Empty records on SQLite: what is read from files asks nothing of the engine."""
    (tmp_path / "empty").mkdir()
    opened = sqlite_copy(empty_file, tmp_path / "empty", HandClock())
    yield opened
    opened.close()
