"""The dbt project parsed and compiled once for all workers and runs: both depend on the models' own bytes."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from pathlib import Path

from warehouse.build import build
from warehouse.project import CompiledProject, compiled_file, compiled_project, parsed_file, parsed_project
from warehouse.snapshot import Snapshot, folder


def compile_once() -> CompiledProject:
    """Parse and compile into a folder shared by all workers; a change of any model makes other files there."""
    shared = _shared_folder()
    with (shared / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not parsed_file(shared / "dbt").exists():
            parsed_project(shared / "dbt")
        return compiled_project(shared)


def share_models(home: Path) -> None:
    """Give a MARELLE_HOME the parsed and compiled models that a build would leave there."""
    compile_once()
    shared = _shared_folder()
    for kept in (parsed_file(shared / "dbt"), compiled_file(shared)):
        copy = folder(home) / kept.relative_to(shared)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, copy)


def publish_without_dbt(home: Path, url: str, now: int) -> Snapshot:
    """Build a home whose models are compiled already, for all tests; `now` is in µs UTC."""
    share_models(home)
    return build(home, url, now=now)


def _shared_folder() -> Path:
    shared = Path(tempfile.gettempdir()) / "marelle-test-models"
    shared.mkdir(exist_ok=True)
    return shared
