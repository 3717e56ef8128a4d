"""Facts and versions cannot be changed or deleted on either engine, whoever tries and however."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Table, select, text
from sqlalchemy.exc import IntegrityError

from records import migrations
from records.database import Records, open_records
from records.models import Base
from records.triggers import REFUSAL, protected_tables
from tests.factories.databases import ENGINES, Content, postgres_copy, sqlite_copy, sqlite_template
from tests.factories.every_table import fill_every_table
from tests.factories.town import HandClock

EVERY_TABLE = Content("every_table", fill_every_table)
FACTS = [table.name for table in protected_tables()]
OPEN_TO_CHANGE = [table.name for table in Base.metadata.sorted_tables if table.name not in FACTS]


@pytest.fixture(scope="module", params=ENGINES)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    """Records with a row in every table; migrated once more afterwards."""
    clock = HandClock()
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("filled")
        records = sqlite_copy(sqlite_template(EVERY_TABLE), folder, clock)
    else:
        cluster = request.getfixturevalue("postgres_cluster")
        records = postgres_copy(cluster, EVERY_TABLE, clock)
    records.close()
    url = records.engine.url.render_as_string(hide_password=False)
    migrations.upgrade(url)
    reopened = open_records(url, clock)
    yield reopened
    reopened.close()


@pytest.fixture
def connection(filled: Records) -> Iterator[Connection]:
    """A connection whose work is taken back."""
    with filled.engine.connect() as opened:
        opened.begin()
        yield opened
        opened.rollback()


def table_named(name: str) -> Table:
    """Return a table of the models."""
    return Base.metadata.tables[name]


@pytest.mark.parametrize("name", [table.name for table in Base.metadata.sorted_tables])
def test_every_table_has_a_row_to_try_on(connection: Connection, name: str) -> None:
    assert connection.execute(select(table_named(name)).limit(1)).first() is not None


@pytest.mark.parametrize("name", FACTS)
def test_fact_is_not_updated(connection: Connection, name: str) -> None:
    column = next(iter(table_named(name).columns)).name
    with pytest.raises(IntegrityError, match=REFUSAL):
        connection.execute(text(f"update {name} set {column} = {column}"))


@pytest.mark.parametrize("name", FACTS)
def test_fact_is_not_deleted(connection: Connection, name: str) -> None:
    with pytest.raises(IntegrityError, match=REFUSAL):
        connection.execute(text(f"delete from {name}"))


@pytest.mark.parametrize("name", OPEN_TO_CHANGE)
def test_row_that_is_no_fact_may_change(connection: Connection, name: str) -> None:
    column = next(iter(table_named(name).columns)).name
    assert connection.execute(text(f"update {name} set {column} = {column}")).rowcount > 0


@pytest.mark.parametrize("name", FACTS)
def test_fact_is_not_replaced_or_truncated(filled: Records, connection: Connection, name: str) -> None:
    attempt = (
        f"truncate {name} cascade"
        if filled.is_postgresql
        else f"insert or replace into {name} select * from {name}"
    )
    with pytest.raises(IntegrityError, match=REFUSAL):
        connection.execute(text(attempt))


def test_what_families_money_and_presence_rest_on_is_protected() -> None:
    money, presence = {"qf", "regime", "booking", "ledger_entry"}, {"tap", "tap_quarantine", "hole_settlement"}
    assert {*money, *presence, "audit", "attendance_decision", "month_state"} <= {
        table.name for table in protected_tables() if table.info["mutability"] == "immutable"
    }
    assert {"service_rule", "tariff_version", "tariff_rule", "custody_calendar", "badge_child"} <= {
        table.name for table in protected_tables() if table.info["mutability"] == "versioned"
    }
