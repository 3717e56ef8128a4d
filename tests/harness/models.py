"""The dbt project parsed and compiled once for all workers and runs: both depend on the models' own bytes."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from pathlib import Path

import duckdb

from domain.time import MICROS_PER_MINUTE
from warehouse.build import publish_build
from warehouse.load import load
from warehouse.project import (
    BUILD_FILE,
    CompiledProject,
    compiled_file,
    compiled_project,
    parsed_file,
    parsed_project,
)
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
    """Publish what a build of the records at a URL would: dbt's own code costs five times what its SQL does.

    For tests about figures; those of warehouse.build hold that both publish the same. `now` is in µs UTC.
    """
    as_of = now // MICROS_PER_MINUTE * MICROS_PER_MINUTE
    share_models(home)
    with tempfile.TemporaryDirectory() as work:
        file = Path(work) / BUILD_FILE
        loaded = load(url, file, as_of, lambda table: None)
        with duckdb.connect(str(file), config={"threads": 1}) as connection:
            for model in compile_once().models:
                connection.execute(f"create schema if not exists {model.schema}")
                connection.execute(f"create {model.materialized} {model.relation} as {model.sql}")
        return publish_build(home, file, loaded, as_of)


def _shared_folder() -> Path:
    shared = Path(tempfile.gettempdir()) / "marelle-test-models"
    shared.mkdir(exist_ok=True)
    return shared
