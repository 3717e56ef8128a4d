"""Migrated records on either engine, copied for each test from a template that is filled once a run."""

import shutil
from collections.abc import Callable
from pathlib import Path

from domain.time import Clock
from records import migrations
from records.database import Records, open_records, records_url
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


def _make(url: str, fill: Fill, clock: Clock) -> None:
    migrations.upgrade(url)
    records = open_records(url, clock)
    fill(records)
    records.close()
