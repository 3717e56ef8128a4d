"""Records on both engines: every test that asks for them runs twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from records.database import Records
from tests.factories.databases import (
    ENGINES,
    PostgresDatabase,
    fill_nothing,
    postgres_database,
    sqlite_copy,
    sqlite_template,
)
from tests.factories.town import HandClock, make_town
from tests.harness.postgres import Cluster


@pytest.fixture
def clock() -> HandClock:
    """The records' clock: 8:00 on Tuesday 24 November 2026 until it is moved."""
    return HandClock()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    return sqlite_template(tmp_path_factory.mktemp("empty") / "template.db", fill_nothing, HandClock())


@pytest.fixture(scope="session")
def town_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the small town, to be copied."""
    return sqlite_template(tmp_path_factory.mktemp("town") / "template.db", make_town, HandClock())


@pytest.fixture(scope="session")
def empty_database(postgres_cluster: Cluster) -> PostgresDatabase:
    """This worker's migrated PostgreSQL database."""
    return postgres_database(postgres_cluster, "migrated_template", fill_nothing, HandClock())


@pytest.fixture(scope="session")
def town_database(postgres_cluster: Cluster) -> PostgresDatabase:
    """This worker's PostgreSQL database with the small town."""
    return postgres_database(postgres_cluster, "town_template", make_town, HandClock())


@pytest.fixture(params=ENGINES)
def records(
    request: pytest.FixtureRequest, tmp_path: Path, empty_file: Path, clock: HandClock
) -> Iterator[Records]:
    """Empty, migrated records on each engine in turn."""
    if request.param == "sqlite":
        opened = sqlite_copy(empty_file, tmp_path, clock)
    else:
        opened = request.getfixturevalue("empty_database").as_new(clock)
    yield opened
    opened.close()


@pytest.fixture(params=ENGINES)
def town(request: pytest.FixtureRequest, tmp_path: Path, town_file: Path, clock: HandClock) -> Iterator[Records]:
    """Records of the small town on each engine in turn."""
    if request.param == "sqlite":
        opened = sqlite_copy(town_file, tmp_path, clock)
    else:
        opened = request.getfixturevalue("town_database").as_new(clock)
    yield opened
    opened.close()
