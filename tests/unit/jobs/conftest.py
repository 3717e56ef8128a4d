"""A folder with empty records, and a clock that the test moves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from domain.time import MICROS_PER_SECOND
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.operations.collectivity import CollectivityFacts, set_collectivity
from tests.factories.databases import EMPTY, sqlite_template

START = 1_795_000_000_000_000


@dataclass
class TestClock:
    """A clock in µs that moves when told."""

    __test__ = False
    now: int = field(default=START)

    def __call__(self) -> int:
        return self.now

    def pass_seconds(self, seconds: int) -> None:
        """Let time pass."""
        self.now += seconds * MICROS_PER_SECOND


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture(scope="session")
def empty_file() -> Path:
    """A migrated SQLite file, to be copied."""
    return sqlite_template(EMPTY)


@pytest.fixture
def home(tmp_path: Path, empty_file: Path) -> Path:
    """A MARELLE_HOME whose records are migrated and empty."""
    folder = tmp_path / "marelle"
    folder.mkdir()
    shutil.copyfile(empty_file, folder / "records.db")
    return folder


@pytest.fixture
def records(home: Path, clock: TestClock) -> Iterator[Records]:
    """The records of a collectivity that is described, and nothing else."""
    opened = open_records(records_url(home), clock)
    set_collectivity(opened, SETUP, CollectivityFacts("Essai", "Europe/Paris", "A", "mairie@example.org"))
    yield opened
    opened.close()
