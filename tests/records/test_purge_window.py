"""The one exception to immutability: a recorded order may blank personal columns, and nothing else."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from records.database import Records
from records.models import Base, PurgeOrder
from records.triggers import REFUSAL
from tests.factories.people import a_badge, a_family, a_tap, a_terminal
from tests.factories.rows import a_row
from tests.factories.town import TODAY


@pytest.fixture
def tapped(town: Records) -> Records:
    """A town with one badge tap and an order to purge."""
    a_tap(town, a_terminal(town), 700, TODAY, badge_uid=a_badge(town, a_family(town).child))
    a_row(town, PurgeOrder)
    return town


def open_window(connection: Connection) -> None:
    """Say which order is being carried out."""
    connection.execute(text("update purge_window set order_id = (select max(id) from purge_order)"))


def test_personal_column_is_blanked_under_an_order(tapped: Records) -> None:
    with tapped.engine.begin() as connection:
        open_window(connection)
        assert connection.execute(text("update tap set badge_uid = null")).rowcount == 1
        assert connection.execute(text("select badge_uid from tap")).scalar_one() is None


@pytest.mark.parametrize(
    "statement",
    [
        "update tap set badge_uid = '04FFFFFF'",
        "update tap set badge_uid = null, occurred_at = occurred_at + 1",
        "update tap set payload_hash = ''",
        "delete from tap",
        "update qf set value_e2 = 0",
    ],
)
def test_nothing_else_changes_even_under_an_order(tapped: Records, statement: str) -> None:
    with tapped.engine.begin() as connection:
        open_window(connection)
        with pytest.raises(IntegrityError, match=REFUSAL):
            connection.execute(text(statement))


def test_without_an_order_nothing_is_blanked(tapped: Records) -> None:
    with tapped.engine.begin() as connection, pytest.raises(IntegrityError, match=REFUSAL):
        connection.execute(text("update tap set badge_uid = null"))


def test_window_cannot_name_an_order_that_was_not_recorded(town: Records) -> None:
    with town.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text("update purge_window set order_id = 99"))


def test_personal_columns_that_are_declared_exist_and_are_no_ids() -> None:
    for table in Base.metadata.sorted_tables:
        for name in table.info.get("personal", ()):
            assert name in table.columns, (table.name, name)
            assert not table.columns[name].foreign_keys
            assert name not in ("id", "ref", "seq", "recorded_at")
