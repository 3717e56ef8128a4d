"""The API over the small town, in process: on both engines where storage is concerned, else on SQLite."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from ingest_api.app import IngestApp, create_app
from records.database import Records
from tests.factories.databases import ENGINES, SMALL_TOWN, Database, postgres_database, sqlite_database
from tests.factories.ingest import Terminal
from tests.factories.people import a_terminal
from tests.factories.town import HandClock
from tests.harness.postgres import Cluster


@pytest.fixture
def clock() -> HandClock:
    """The server's clock: 8:00 on Tuesday 24 November 2026 until it is moved."""
    return HandClock()


@pytest.fixture(scope="session")
def town_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """This worker's SQLite database with the small town."""
    with sqlite_database(SMALL_TOWN, tmp_path_factory.mktemp("town")) as database:
        yield database


@pytest.fixture(scope="session")
def town_postgresql(postgres_cluster: Cluster) -> Iterator[Database]:
    """This worker's PostgreSQL database with the small town."""
    with postgres_database(postgres_cluster, SMALL_TOWN) as database:
        yield database


@pytest.fixture
def town(town_sqlite: Database, clock: HandClock) -> Records:
    """The small town in SQLite."""
    return town_sqlite.as_new(clock)


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
def either(request: pytest.FixtureRequest, clock: HandClock) -> Records:
    """The small town on each engine in turn."""
    database: Database = request.getfixturevalue(f"town_{request.param}")
    return database.as_new(clock)


def a_client(app: IngestApp) -> httpx.AsyncClient:
    """Return a client that speaks to the application in process."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://marelle.test")
