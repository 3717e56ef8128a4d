"""The dbt project parsed and compiled once for all workers and runs: both depend on the models' own bytes."""

from __future__ import annotations

import fcntl
from pathlib import Path

from warehouse.build import build
from warehouse.project import CompiledProject, compiled_project, keep_models, parsed_file, parsed_project
from warehouse.snapshot import Snapshot, folder


def compile_once() -> CompiledProject:
    """Parse and compile into a folder shared by all workers; a change of any model makes other files there."""
    shared = folder(_shared_home())
    with (shared / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not parsed_file(shared / "dbt").exists():
            parsed_project(shared / "dbt")
        return compiled_project(shared)


def share_models(home: Path) -> None:
    """Give a MARELLE_HOME the parsed and compiled models that a build would leave there."""
    keep_models(folder(shared_models()), folder(home))


def shared_models() -> Path:
    """Return the home of the models that all workers share, compiled."""
    compile_once()
    return _shared_home()


def publish_without_dbt(home: Path, url: str, now: int) -> Snapshot:
    """Build a home whose models are compiled already, for all tests; `now` is in µs UTC."""
    share_models(home)
    return build(home, url, now=now)


def _shared_home() -> Path:
    shared = Path(__file__).parents[2] / ".pytest_cache" / "marelle-models"
    folder(shared).mkdir(parents=True, exist_ok=True)
    return shared
