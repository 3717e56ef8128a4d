"""The API over the small town, in process: on both engines where storage is concerned, else on SQLite."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from ingest_api.app import IngestApp, create_app
from records.database import Records
from tests.factories.databases import ENGINES, postgres_copy, sqlite_copy, sqlite_template
from tests.factories.ingest import Terminal
from tests.factories.people import a_terminal
from tests.factories.town import HandClock, make_town


@pytest.fixture
def clock() -> HandClock:
    """The server's clock: 8:00 on Tuesday 24 November 2026 until it is moved."""
    return HandClock()


@pytest.fixture(scope="session")
def town_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the small town, to be copied."""
    return sqlite_template(tmp_path_factory.mktemp("town") / "template.db", make_town, HandClock())


@pytest.fixture
def town(tmp_path: Path, town_file: Path, clock: HandClock) -> Iterator[Records]:
    """The small town in SQLite."""
    records = sqlite_copy(town_file, tmp_path, clock)
    yield records
    records.close()


@pytest.fixture
def app(town: Records, clock: HandClock) -> IngestApp:
    """The application over the town."""
    return create_app(town, clock)


@pytest.fixture
def terminal(town: Records) -> Terminal:
    """A terminal of the first school."""
    return a_terminal(town)


@pytest.fixture
async def client(app: IngestApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, whose lifespan is run around it."""
    async with app.router.lifespan_context(app), a_client(app) as opened:
        yield opened


@pytest.fixture(params=ENGINES)
def either(request: pytest.FixtureRequest, clock: HandClock) -> Iterator[Records]:
    """The small town on each engine in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("town")
        return
    records = postgres_copy(request.getfixturevalue("postgres_cluster"), "town_template", make_town, clock)
    yield records
    records.close()


def a_client(app: IngestApp) -> httpx.AsyncClient:
    """Return a client that speaks to the application in process."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://marelle.test")
