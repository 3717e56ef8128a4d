"""The schema by migrations: equal to the models, safe to run again, and safe on a database full of facts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from records import migrations
from records.actors import SETUP
from records.database import Records
from records.models import Base, Booking, Qf
from records.operations.bookings import book
from records.triggers import protected_tables, sealed_tables
from tests.factories.databases import ENGINES, SMALL_TOWN, postgres_copy, sqlite_copy
from tests.factories.people import a_family, an_enrolment, new_booking
from tests.factories.town import TODAY, HandClock
from tests.harness import writers

pytestmark = pytest.mark.long

NEXT_REVISION = '''
"""A later revision, for the tests: SQLite makes it by recreating a table of facts and one they point at."""

import sqlalchemy as sa
from alembic import op

revision = "9999_test"
down_revision = "{previous}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("booking") as table:
        table.add_column(sa.Column("motive", sa.String(length=40), nullable=True))
        table.alter_column("reason", type_=sa.String(length=300))
    with op.batch_alter_table("person") as table:  # which bookings, members and payers point at
        table.alter_column("email", type_=sa.String(length=300))
    {more}
'''


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """A folder with one revision more than this release."""
    return write_revision(tmp_path / "later", "op.execute(\"update booking set motive = 'x'\")")


def write_revision(folder: Path, more: str) -> Path:
    """Write the later revision with one more statement."""
    folder.mkdir()
    (folder / "later.py").write_text(NEXT_REVISION.format(previous=migrations.newest(), more=more))
    return folder


def url_of(records: Records) -> str:
    """Return the address of open records, password included."""
    return records.engine.url.render_as_string(hide_password=False)


@pytest.fixture(params=ENGINES)
def booked(request: pytest.FixtureRequest, tmp_path: Path, town_file: Path, clock: HandClock) -> Iterator[Records]:
    """The town with a family, an enrolment and a booking, in a database of its own: the schema will change."""
    if request.param == "sqlite":
        town = sqlite_copy(town_file, tmp_path, clock)
    else:
        town = postgres_copy(request.getfixturevalue("postgres_cluster"), SMALL_TOWN, clock)
    family = a_family(town, qf_e2=34_000)
    an_enrolment(town, family)
    book(town, SETUP, new_booking(family))
    yield town
    town.close()


def triggers(records: Records) -> set[str]:
    """Return the names of the refusing triggers that the database has."""
    query = (
        "select tgname from pg_trigger where tgname like 'refuse%'"
        if records.is_postgresql
        else "select name from sqlite_master where type = 'trigger'"
    )
    with records.engine.connect() as connection:
        return set(connection.execute(text(query)).scalars())


def test_migrations_make_exactly_the_models(records: Records) -> None:
    with records.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_constraint_of_the_models_is_in_the_database(records: Records) -> None:
    found = inspect(records.engine)
    for table in Base.metadata.sorted_tables:
        wanted = {c.name for c in table.constraints if c.__visit_name__ == "table_or_column_check_constraint"}
        assert wanted == {check["name"] for check in found.get_check_constraints(table.name)}, table.name


def test_migrated_database_is_at_the_newest_revision_with_its_watermark_at_zero(records: Records) -> None:
    assert migrations.current(url_of(records)) == migrations.newest()
    assert records.change_seq() == 0


def test_database_never_migrated_has_no_revision(tmp_path: Path) -> None:
    assert migrations.current(f"sqlite:///{tmp_path}/new.db") is None


def test_upgrading_twice_changes_nothing(booked: Records) -> None:
    before = (booked.change_seq(), triggers(booked))
    migrations.upgrade(url_of(booked))
    assert (booked.change_seq(), triggers(booked)) == before


def test_upgrade_makes_the_missing_folder(tmp_path: Path) -> None:
    migrations.upgrade(f"sqlite:///{tmp_path}/a/b/records.db")
    assert (tmp_path / "a" / "b" / "records.db").is_file()


def test_every_protected_table_has_its_triggers(records: Records) -> None:
    events = ("update", "delete", "truncate") if records.is_postgresql else ("update", "delete")
    always = {f"refuse_{event}_{t.name}" for t in protected_tables() for event in events}
    once_issued = {f"refuse_{event}_{t.name}" for t in sealed_tables() for event in ("insert", "update", "delete")}
    assert triggers(records) == (always | once_issued) - {"refuse_insert_billing_run"}


def test_later_revision_keeps_facts_and_references_and_brings_the_triggers_back(
    booked: Records, later: Path
) -> None:
    before = triggers(booked)
    migrations.upgrade(url_of(booked), more_versions=later)
    with booked.read() as session:
        assert session.execute(text("select motive from booking")).scalars().all() == ["x"]
        assert session.scalars(select(Booking.day)).all() == [TODAY]
        assert session.scalars(select(Qf.value_e2)).all() == [34_000]
    assert triggers(booked) == before
    with booked.engine.connect() as connection, pytest.raises(IntegrityError, match="add a new row"):
        connection.execute(text("delete from booking"))


def test_failed_migration_changes_nothing(booked: Records, tmp_path: Path) -> None:
    broken = write_revision(tmp_path / "broken", "op.execute('insert into no_such_table values (1)')")
    before = (migrations.current(url_of(booked)), triggers(booked))
    with pytest.raises(Exception, match="no_such_table"):
        migrations.upgrade(url_of(booked), more_versions=broken)
    assert (migrations.current(url_of(booked)), triggers(booked)) == before
    assert "motive" not in {column["name"] for column in inspect(booked.engine).get_columns("booking")}


def test_migration_that_would_orphan_rows_is_refused(booked: Records, tmp_path: Path) -> None:
    orphaning = write_revision(tmp_path / "orphaning", "op.execute('delete from person')")
    with pytest.raises((ValueError, IntegrityError)):
        migrations.upgrade(url_of(booked), more_versions=orphaning)
    with booked.read() as session:
        assert session.execute(text("select count(*) from person")).scalar_one() == 2


def test_processes_that_upgrade_a_new_database_at_once_take_turns(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.db"
    with writers.processes().Pool(3) as pool:
        pool.map(migrations.upgrade, [url] * 3)
    assert migrations.current(url) == migrations.newest()


def test_draft_of_a_revision_finds_nothing_to_do_when_models_and_migrations_agree(tmp_path: Path) -> None:
    draft = migrations.draft_revision("nothing new", tmp_path).read_text()
    assert f"down_revision = '{migrations.newest()}'" in draft
    assert "op." not in draft.split("def upgrade")[1]
