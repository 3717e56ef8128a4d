"""A MARELLE_HOME whose records hold random towns, built once for the tests that only read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain.time import system_clock
from records.database import Records, open_records
from tests.factories.databases import empty_home
from tests.harness.models import publish_without_dbt, share_models
from tests.oracles.random_towns import FIRST, LAST, NOW, TownMaker
from tests.sql.recorded import record
from tests.sql.town_rows import instant, pack
from warehouse.build import build
from warehouse.snapshot import Snapshot

AS_OF = instant(NOW)


@dataclass(frozen=True)
class Home:
    """A home, its records and what is published there."""

    path: Path
    url: str
    records: Records
    snapshot: Snapshot
    towns: int

    @property
    def families(self) -> list[str]:
        """The refs of its families, one a town."""
        return [f"{number}.famille" for number in range(self.towns)]


def make_home(path: Path, towns: int, first_seed: int = 0) -> tuple[str, Records]:
    """Return the address of new SQLite records that hold some random towns."""
    url = empty_home(path)
    share_models(path)
    records = open_records(url, system_clock)
    record(records, pack([TownMaker(seed).town() for seed in range(first_seed, first_seed + towns)], FIRST, LAST))
    return url, records


def built_home(path: Path, towns: int) -> Home:
    """Return such a home, built as of the random towns' now."""
    url, records = make_home(path, towns)
    return Home(path, url, records, build(path, url, now=AS_OF), towns)


def published_home(path: Path, towns: int) -> Home:
    """Return what `built_home` does, in less time."""
    url, records = make_home(path, towns)
    return Home(path, url, records, publish_without_dbt(path, url, AS_OF), towns)
