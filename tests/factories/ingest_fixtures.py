"""Fixtures over `tests.factories.ingest`; a suite imports those it asks for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from records.database import Records
from tests.factories.ingest import (
    ENGINES,
    HandClock,
    Terminal,
    add_terminal,
    make_school,
    postgres_records,
    sqlite_records,
)


@pytest.fixture(scope="session")
def school_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with the school, to be copied."""
    path = tmp_path_factory.mktemp("school") / "template.db"
    make_school(f"sqlite:///{path}")
    return path


@pytest.fixture
def clock() -> HandClock:
    """The server's clock, an hour after the taps of `make_tap`."""
    return HandClock()


@pytest.fixture(params=ENGINES)
def school(
    request: pytest.FixtureRequest, tmp_path: Path, school_file: Path, clock: HandClock
) -> Iterator[Records]:
    """Records of the school, on each engine in turn."""
    if request.param == "sqlite":
        records = sqlite_records(tmp_path, school_file, clock)
    else:
        records = postgres_records(request.getfixturevalue("postgres_cluster"), clock)
    yield records
    records.close()


@pytest.fixture
def sqlite_school(tmp_path: Path, school_file: Path, clock: HandClock) -> Iterator[Records]:
    """Records of the school in SQLite, for what does not depend on the engine."""
    records = sqlite_records(tmp_path, school_file, clock)
    yield records
    records.close()


@pytest.fixture
def terminal(school: Records) -> Terminal:
    """A terminal of the school."""
    return add_terminal(school)
