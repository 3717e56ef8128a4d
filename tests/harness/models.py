"""The dbt project parsed and compiled once for all workers and runs: both depend on the models' own bytes."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from pathlib import Path

from warehouse.project import CompiledProject, compiled_project
from warehouse.snapshot import folder


def compile_once() -> CompiledProject:
    """Parse and compile into a folder shared by all workers; a change of any model makes other files there."""
    shared = _shared_folder()
    with (shared / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        return compiled_project(shared)


def share_models(home: Path) -> None:
    """Give a MARELLE_HOME the parsed and compiled models that a build would leave there."""
    compile_once()
    shutil.copytree(_shared_folder(), folder(home), ignore=shutil.ignore_patterns("lock"), dirs_exist_ok=True)


def _shared_folder() -> Path:
    shared = Path(tempfile.gettempdir()) / "marelle-test-models"
    shared.mkdir(exist_ok=True)
    return shared
