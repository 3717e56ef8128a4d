"""The compiled dbt project."""

from __future__ import annotations

import pytest

from tests.harness.models import compile_once
from warehouse.project import CompiledProject


@pytest.fixture(scope="session")
def compiled() -> CompiledProject:
    """Return the compiled SQL of the models as they are now."""
    return compile_once()
