"""Fixtures every suite may ask for. Nothing heavy is imported before a test asks for it."""

import atexit
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.harness import effort, garbage, postgres
from tests.harness.processes import CORES_VARIABLE, Processes
from tests.harness.pty_terminal import PtyTerminal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest_plugins = ["tests.harness.demo_world"]

TEST_KEY = "bWFyZWxsZS10ZXN0LWtleS1vZi0zMi1ieXRlcy1sb24="
PROCESSES = pytest.StashKey[Processes]()
CLUSTER_FOLDER = pytest.StashKey[Path]()


effort.register_profiles()


def pytest_configure(config: pytest.Config) -> None:
    """Own this run's PostgreSQL folder, unless scripts/run_tests.py or xdist's controller does."""
    # Databases of tests are copied without their folder: one key for the run, none written beside them.
    os.environ.setdefault("MARELLE_SECRET_KEYS", TEST_KEY)
    # The builds of a worker share the machine with its neighbour's; processes of a test work as shipped.
    os.environ.setdefault(CORES_VARIABLE, "1")
    if hasattr(config, "workerinput"):
        # All is told and closed by then: Python would still look through each object of thousands of tests.
        atexit.register(os._exit, 0)
    if postgres.CLUSTER_DIR_VARIABLE not in os.environ:
        config.stash[CLUSTER_FOLDER] = postgres.claim_folder()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let one worker have the demo town: it is long to make."""
    if "demo_world" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.xdist_group("demo-world"))
        item.add_marker(pytest.mark.long)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what is long begin first, so that no worker waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was imported: it would look at it again all along the tests."""
    garbage.collect_rarely()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let what was imported go again, or its libraries complain; stop the cluster if this process owns it."""
    gc.unfreeze()
    folder = config.stash.get(CLUSTER_FOLDER, None)
    if folder is not None:
        postgres.release_folder(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[None]:  # pluggy sends the report in and takes it back
    """Show what the test's processes printed when it fails."""
    report = yield
    processes = item.stash.get(PROCESSES, None)
    if isinstance(report, pytest.TestReport) and report.failed and processes is not None:
        report.sections.extend(processes.report())
    return report


@pytest.fixture(scope="session")
def postgres_cluster() -> postgres.Cluster:
    """This run's throw-away PostgreSQL cluster, started by the first worker that asks."""
    return postgres.shared_cluster()


@pytest.fixture(scope="session")
def postgres_url(postgres_cluster: postgres.Cluster) -> str:
    """The address of that cluster's maintenance database (create your own with `postgres.fresh_database`)."""
    return postgres_cluster.url()


@pytest.fixture
def processes(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Processes]:
    """Start real processes; they are stopped after the test and shown if it fails."""
    group = Processes(folder=tmp_path)
    request.node.stash[PROCESSES] = group
    yield group
    group.stop_all()


@pytest.fixture
def pty_terminal() -> Iterator[Callable[..., PtyTerminal]]:
    """Open commands on a pseudo-terminal of 100×30 cells; they are closed after the test."""
    opened: list[PtyTerminal] = []

    def start(*arguments: object, **options: object) -> PtyTerminal:
        opened.append(PtyTerminal(*arguments, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium, one a session; open pages with `page` or `tests.harness.browser.open_page`."""
    from tests.harness.browser import chromium

    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    """A desktop page in a fresh profile."""
    from tests.harness.browser import open_page

    with open_page(browser) as opened:
        yield opened
