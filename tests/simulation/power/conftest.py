"""One watched process a worker, for every test of the folder."""

from collections.abc import Iterator

import pytest

from tests.simulation.power.build import build
from tests.simulation.power.families import Bench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A recorder and a school; its folders live in memory."""
    started = Bench.set_up(build(tmp_path_factory.mktemp("shim")))
    with started.recorder:
        yield started
