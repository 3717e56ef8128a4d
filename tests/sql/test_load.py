"""The load brings exactly what is allowed, as it was at one instant, from either engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import text

from domain.time import system_clock
from records.actors import SETUP
from records.database import Records, open_records
from records.operations.state_values import NewStateValue, enter_state_value
from tests.factories.databases import EMPTY, ENGINES, postgres_copy, sqlite_copy, sqlite_template
from tests.oracles.random_towns import FIRST, LAST, TownMaker
from tests.sql.raw_world import RawWorld
from tests.sql.recorded import record
from tests.sql.town_rows import pack
from warehouse.columns import LOADED, loaded_tables
from warehouse.errors import WarehouseError
from warehouse.load import load
from warehouse.raw import NATIONAL_PARAMETER, national_parameter_rows

AS_OF = 1_795_700_000_000_000


@pytest.fixture(scope="session")
def empty_sqlite() -> Path:
    return sqlite_template(EMPTY)


@pytest.fixture(params=ENGINES)
def records(request: pytest.FixtureRequest, tmp_path: Path, empty_sqlite: Path) -> Iterator[Records]:
    """Empty records on each engine."""
    if request.param == "sqlite":
        opened = sqlite_copy(empty_sqlite, tmp_path, system_clock)
    else:
        cluster = request.getfixturevalue("postgres_cluster")
        opened = postgres_copy(cluster, EMPTY, system_clock)
    yield opened
    opened.close()


@pytest.fixture
def url(records: Records) -> str:
    return records.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def world() -> RawWorld:
    return pack([TownMaker(seed).town() for seed in range(12)], FIRST, LAST)


def rows_of(file: Path, table: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(f"select * from raw.{table} order by all").fetchall()


def same_words(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the rows with yes and no written alike: each engine has its own words, and staging reads them all."""
    yes_and_no = {"True": "1", "true": "1", "False": "0", "false": "0"}
    return sorted(tuple(yes_and_no.get(value, value) for value in row) for row in rows)


def do_nothing(_table: str) -> None:
    """Take no notice of a table being read."""


def test_load_brings_every_allowed_row_unchanged(
    records: Records, url: str, world: RawWorld, tmp_path: Path
) -> None:
    record(records, world)
    loaded = load(url, tmp_path / "loaded.duckdb", AS_OF, do_nothing)
    assert loaded.change_seq == records.change_seq()
    for table in set(LOADED) - {"collectivity"}:
        assert same_words(rows_of(tmp_path / "loaded.duckdb", table)) == same_words(world.rows[table]), table
    assert rows_of(tmp_path / "loaded.duckdb", "collectivity") == world.rows["collectivity"]


def test_load_covers_from_the_first_school_day_to_five_weeks_ahead(
    records: Records, url: str, world: RawWorld, tmp_path: Path
) -> None:
    record(records, world)
    context = load(url, tmp_path / "loaded.duckdb", AS_OF, do_nothing).context
    assert (context.first_day, context.last_line_day, context.last_day) == (
        date(2026, 9, 1),
        date(2026, 11, 26),
        date(2026, 12, 31),
    )


def test_load_sees_one_state_of_records_while_others_write(
    records: Records, url: str, world: RawWorld, tmp_path: Path
) -> None:
    record(records, world)
    before = records.change_seq()

    def write_meanwhile(table: str) -> None:
        if table == sorted(LOADED)[3]:
            with records.engine.begin() as connection:
                connection.execute(text("update change_seq set value = value + 1"))
                connection.execute(
                    text(
                        "insert into structure (id, row_version, ref, name, kind, timezone, commune) "
                        "values (999, 1, 'tard', 'Venue trop tard', 'school', 'Europe/Paris', 'Ici')"
                    )
                )

    loaded = load(url, tmp_path / "loaded.duckdb", AS_OF, write_meanwhile)
    assert loaded.change_seq == before
    assert len(rows_of(tmp_path / "loaded.duckdb", "structure")) == len(world.rows["structure"])
    assert records.change_seq() == before + 1


def test_what_is_written_after_a_load_in_the_same_process_is_kept(
    records: Records, url: str, world: RawWorld, tmp_path: Path
) -> None:
    # Two copies of SQLite on one file: the second would delete the journal under the first (see warehouse.load).
    record(records, world)
    load(url, tmp_path / "one.duckdb", AS_OF, do_nothing)
    with records.engine.begin() as connection:
        connection.execute(text("update change_seq set value = value + 1"))
    before = records.change_seq()
    assert load(url, tmp_path / "two.duckdb", AS_OF, do_nothing).change_seq == before
    assert list(tmp_path.glob("records-copy*")) == []
    records.close()
    reopened = open_records(url)
    assert reopened.change_seq() == before
    reopened.close()


def test_a_value_that_comes_after_thousands_of_missing_ones_is_loaded(
    records: Records, url: str, tmp_path: Path
) -> None:
    world = RawWorld().town()
    for number in range(1, 4001):
        world.add("calendar_day", zone="A", day=date(2026, 11, 24).replace(year=2026 + number), kind="bridge")
    place = world.structure("ecole")
    world.add("calendar_day", structure_id=place, day=date(2026, 11, 24), kind="closure")
    record(records, world)
    load(url, tmp_path / "loaded.duckdb", AS_OF, do_nothing)
    found = rows_of(tmp_path / "loaded.duckdb", "calendar_day")
    assert len(found) == 4001
    assert [row for row in found if row[2] == str(place)] == [(4001, "", str(place), "2026-11-24", "closure")]


def test_records_without_a_collectivity_are_refused_in_french(records: Records, url: str, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="Aucune collectivité n'est enregistrée"):
        load(url, tmp_path / "loaded.duckdb", AS_OF, do_nothing)


def test_state_value_that_was_entered_is_loaded_with_those_of_the_package(
    records: Records, url: str, world: RawWorld, tmp_path: Path
) -> None:
    record(records, world)
    cap = "caf.alsh.wednesday_day_cap"
    enter_state_value(records, SETUP, NewStateValue(cap, date(2099, 1, 1), "10,5", "Circulaire"))
    load(url, tmp_path / "new.duckdb", AS_OF, do_nothing)
    loaded = rows_of(tmp_path / "new.duckdb", NATIONAL_PARAMETER)
    assert (cap, "2099-01-01", "", "10.5", "Circulaire") in loaded
    assert len(loaded) == len(national_parameter_rows()) + 1


def test_no_secret_contact_or_health_column_is_ever_loaded() -> None:
    never = (
        "password",
        "token",
        "hash",
        "code_hash",
        "email",
        "phone",
        "search_key",
        "allocataire",
        ".note",
        ".reason",
    )
    tables = {
        "account",
        "session",
        "role_grant",
        "agent_code",
        "health_note",
        "audit",
        "ledger_entry",
        "note",
        "tap_quarantine",
    }
    columns = {f"{table}.{column.name}" for table, loaded in loaded_tables().items() for column in loaded.columns}
    assert not {name for name in columns if any(word in name for word in never)}
    assert not tables & set(LOADED)
