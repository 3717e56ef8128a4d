"""A small demo town with its figures published, built once for all: read it as it is, or write to a copy.

The town is kept in pytest's cache under a hash of every source that makes it, so that a second run, or the other
workers of a run, find it ready. `demo_world` must not be written to; `demo_copy` is the test's own.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from demo.create import DemoSummary
    from records.database import Records

ROOT = Path(__file__).parent.parent.parent
SOURCES = (
    "domain",
    "records",
    "ingest_api",
    "terminal/outbox",
    "terminal/sync",
    "warehouse",
    "dbt_project",
    "demo",
    "jobs",
)
SUFFIXES = frozenset({".py", ".sql", ".yml", ".toml", ".csv"})
KEPT_WORLDS = 2

TODAY = date(2026, 11, 21)  # a Saturday: the last school day is the 20th
CHILDREN, MONTHS = 60, 2


@dataclass(frozen=True)
class DemoWorld:
    """A MARELLE_HOME with a demo town: `now` (µs UTC) is noon of the day on which it is looked at."""

    home: Path
    url: str
    today: date
    now: int
    summary: DemoSummary

    def open(self) -> Records:
        """Open its records with a clock that stands at `now`; the caller closes them."""
        from records.database import open_records

        return open_records(self.url, lambda: self.now)

    def password(self, login: str) -> str:
        """Return the password of one of its log-ins."""
        return next(each.password for each in self.summary.logins if each.login == login)

    def env(self) -> dict[str, str]:
        """Return the environment of a process that works in it."""
        return {"MARELLE_HOME": str(self.home), "MARELLE_DATABASE_URL": ""}


@pytest.fixture(scope="session")
def demo_world(request: pytest.FixtureRequest) -> DemoWorld:
    """The shared town, figures published. Do not write to it."""
    cache = request.config.cache
    assert cache is not None
    folder = Path(cache.mkdir("demo-world"))
    home = folder / source_hash()
    with _turn(folder):
        if not home.exists():
            _make(folder, home)
            _forget_old(folder, keep=home)
    return world_at(home)


@pytest.fixture
def demo_copy(demo_world: DemoWorld, tmp_path: Path) -> DemoWorld:
    """A copy of the shared town, for a test that writes."""
    return copy_world(demo_world, tmp_path / "marelle")


def copy_world(world: DemoWorld, home: Path) -> DemoWorld:
    """Copy a town to another folder."""
    from records.database import records_url

    # Whoever reads the town meanwhile makes these two come and go; at rest it has neither.
    shutil.copytree(world.home, home, ignore=shutil.ignore_patterns("*.db-wal", "*.db-shm"))
    return replace(world, home=home, url=records_url(home))


def small_world(home: Path, *, children: int = CHILDREN, months: int = MONTHS, today: date = TODAY) -> DemoWorld:
    """Create a town and publish its figures in an empty folder."""
    from demo.create import DemoSpec, create_demo
    from tests.harness.models import publish_without_dbt, shared_models

    create_demo(home, None, DemoSpec(today, children, months), lambda _share, _what: None, shared_models())
    world = world_at(home, today)
    publish_without_dbt(home, world.url, world.now)
    return world


def world_at(home: Path, today: date = TODAY) -> DemoWorld:
    """Return the town of a folder."""
    from demo.create import read_summary
    from demo.source import town_data
    from domain.time import instant_at
    from records.database import records_url

    summary = read_summary(home)
    assert summary is not None
    return DemoWorld(home, records_url(home), today, instant_at(today, 720, town_data().timezone), summary)


def source_hash() -> str:
    """Return a hash of the files that decide what the town and its figures hold."""
    digest = hashlib.sha256(f"{TODAY} {CHILDREN} {MONTHS}".encode())
    for room in SOURCES:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in SUFFIXES and not {"target", "logs", "__pycache__"} & set(path.parts):
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(path.read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()[:16]


def _make(folder: Path, home: Path) -> None:
    """Build aside and rename, so that a killed run leaves no half-made town."""
    aside = Path(tempfile.mkdtemp(prefix="making-", dir=folder))
    try:
        small_world(aside / "marelle")
        (aside / "marelle").rename(home)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _forget_old(folder: Path, keep: Path) -> None:
    worlds = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in worlds[:-KEPT_WORLDS]:
        if path != keep:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
