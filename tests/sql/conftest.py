"""The compiled dbt project, once for all workers and runs: it depends on the models' own bytes alone."""

from __future__ import annotations

import fcntl
import tempfile
from pathlib import Path

import pytest

from warehouse.project import CompiledProject, compiled_project


@pytest.fixture(scope="session")
def compiled() -> CompiledProject:
    """Return the compiled SQL of the models as they are now."""
    return compile_once()


def compile_once() -> CompiledProject:
    """Compile into a folder shared by all workers; a change of any model makes another folder."""
    folder = Path(tempfile.gettempdir()) / "marelle-test-compiled"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        return compiled_project(folder)
