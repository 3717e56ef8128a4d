"""A town where children, files and payers were doubled at random, then merged, is the town never doubled."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from domain.time import system_clock
from records.actors import SETUP
from records.database import Records, open_records
from records.models import Base, Device, Payer, PayingBody, Structure
from records.operations.attendance import expected
from records.operations.devices import KnownDevice
from records.operations.merges import merge_families, merge_people, undo_merge
from records.operations.presence import DayBoard
from records.operations.rosters import roster
from tests.factories.databases import empty_home
from tests.harness.memory_warehouse import kept_warehouse
from tests.harness.models import share_models
from tests.oracles.random_towns import FIRST, LAST, NOW, TownMaker
from tests.sql.built import AS_OF
from tests.sql.raw_world import RawWorld
from tests.sql.recorded import record
from tests.sql.town_rows import pack
from warehouse.columns import loaded_tables
from warehouse.family import family_lines
from warehouse.load import load
from warehouse.raw import raw_types

TOWNS, COPIES = 4, 3
MARTS = ("fct_priced_lines", "fct_caf_hours", "fct_meals", "fct_stays", "fct_pricing_faults")
# Whose each row is; what belongs together stays with one copy: two enrolments of a service, patterns, members.
OWNERS = {
    "attendance_decision": ("child_id",),
    "badge_child": ("child_id",),
    "booking": ("person_id",),
    "custody_calendar": ("child_id", "payer_1_id", "payer_2_id"),
    "custody_exception": ("child_id", "payer_id"),
    "diet": ("person_id",),
    "enrolment_payer": ("payer_id",),
    "income": ("family_id", "payer_id"),
    "qf": ("family_id", "payer_id"),
    "regime": ("family_id",),
}
KINDS = {"child_id": "person", "person_id": "person", "family_id": "family"}


@dataclass
class Doubled:
    """A world with copies: for each kind, the ids and refs that are one (the first is the one to keep)."""

    world: RawWorld
    ids: dict[str, dict[int, list[int]]] = field(default_factory=dict)
    refs: dict[str, list[list[str]]] = field(default_factory=dict)


def double(world: RawWorld, chance: random.Random) -> Doubled:
    """Return the world with every child, file and payer up to three times, their rows dealt out at random."""
    made = Doubled(RawWorld())
    made.world.rows.update({table: list(rows) for table, rows in world.rows.items()})
    for kind in ("family", "person", "payer"):
        _copy(made, kind, chance)
    for table, names in OWNERS.items():
        made.world.rows[table] = [_dealt(made, table, row, names, chance) for row in world.rows[table]]
    chosen: dict[tuple[Any, Any], int] = {}
    for number, row in enumerate(world.rows["enrolment"]):
        place = _place("enrolment", "person_id")
        key = (row[place], row[_place("enrolment", "service_id")])
        chosen.setdefault(key, chance.choice(made.ids["person"][int(row[place])]))
        made.world.rows["enrolment"][number] = _with(row, place, chosen[key])
    by_ref = {group[0]: group for group in made.refs["person"]}
    place = _place("tap", "child_ref")
    made.world.rows["tap"] = [
        _with(row, place, chance.choice(by_ref[str(row[place])])) if row[place] else row
        for row in world.rows["tap"]
    ]
    return made


def _copy(made: Doubled, kind: str, chance: random.Random) -> None:
    rows = made.world.rows[kind]
    ids: dict[int, list[int]] = {}
    refs: list[list[str]] = []
    first_new = max(int(row[0]) for row in rows) + 1
    copies: list[tuple[Any, ...]] = []
    for row in list(rows):
        ids[int(row[0])], group = [int(row[0])], [str(row[1])]
        files = made.ids["family"][int(row[_place("payer", "family_id")])] if kind == "payer" else []
        # A payer is copied with a file: twice in one file is for staff to settle, not for a merge.
        for number in range(min(chance.randrange(COPIES), len(files) - 1) if files else chance.randrange(COPIES)):
            new_id, ref = first_new + len(copies), f"{row[1]}.copie{number}"
            copy = (new_id, ref, *row[2:])
            if kind == "payer":
                copy = _with(copy, _place("payer", "family_id"), chance.choice(files[1:]))
            copies.append(copy)
            ids[int(row[0])].append(new_id)
            group.append(ref)
        refs.append(group)
    made.ids[kind], made.refs[kind] = ids, refs
    rows.extend(copies)


def _dealt(
    made: Doubled, table: str, row: tuple[Any, ...], names: Sequence[str], chance: random.Random
) -> tuple[Any, ...]:
    for name in names:
        place = _place(table, name)
        if row[place] != "":
            copies = made.ids[KINDS.get(name, "payer")][int(row[place])]
            chosen = chance.choice(copies)
            row = _with(row, place, chosen if isinstance(row[place], int) else str(chosen))
    return row


def _place(table: str, column: str) -> int:
    return [each.name for each in loaded_tables()[table].columns].index(column)


def _with(row: tuple[Any, ...], place: int, value: Any) -> tuple[Any, ...]:
    return (*row[:place], value, *row[place + 1 :])


@contextmanager
def recorded(world: RawWorld, payers: dict[int, list[int]]) -> Iterator[tuple[str, Records]]:
    """Records that hold a world; each payer is a body of its own, the same for its copies."""
    with tempfile.TemporaryDirectory() as folder:
        url = empty_home(Path(folder))
        records = open_records(url, system_clock)
        record(records, world)
        with records.engine.begin() as connection:
            for first, copies in payers.items():
                body = {"id": 100 + first, "ref": f"corps-{first}", "name": f"Corps {first}", "kind": "other"}
                connection.execute(insert(PayingBody).values(row_version=1, valid_from=FIRST, **body))
                for payer_id in copies:
                    connection.execute(
                        text("update payer set body_id = :body, person_id = null where id = :payer"),
                        {"body": 100 + first, "payer": payer_id},
                    )
        try:
            yield url, records
        finally:
            records.close()


def merge_all(records: Records, made: Doubled, chance: random.Random) -> list[int]:
    """Merge each group of copies into its first, some by way of another copy; returns the merges in order."""
    gestures: dict[str, list[tuple[str, str]]] = {"family": [], "person": []}
    for kind, found in gestures.items():
        for kept, *copies in made.refs[kind]:
            by_way_of = copies[0] if len(copies) == 2 and chance.random() < 0.5 else kept
            found += [(by_way_of, copy) for copy in copies[1:]] + [(kept, copy) for copy in copies[:1]]
    kinds = chance.sample(sorted(gestures), 2)
    return [
        (merge_families if kind == "family" else merge_people)(records, SETUP, kept, merged, "doublon").merge_id
        for kind in kinds
        for kept, merged in gestures[kind]
    ]


def marts(url: str) -> dict[str, list[Any]]:
    """Return every row of the marts, computed from records."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "marelle.duckdb"
        load(url, file, AS_OF, lambda table: None)
        with duckdb.connect(str(file)) as connection:
            tables = connection.execute("select table_name from information_schema.tables").fetchall()
            rows = {name: connection.execute(f"from raw.{name}").fetchall() for (name,) in tables}
    assert all(len(rows[name][0]) == len(raw_types(name)) for name in rows if rows[name])
    with kept_warehouse(*MARTS).filled(rows) as computed:
        return {mart: sorted(computed.execute(f"from marts.{mart}").fetchall(), key=repr) for mart in MARTS}


def live_views(records: Records) -> list[object]:
    """Return who is expected and present, and what each terminal is told, on the days around now."""
    with records.read() as session:
        places = {place.id: place for place in session.scalars(select(Structure))}
        found: list[object] = [expected(session, None, FIRST, LAST)]
        for day in (NOW.date(), NOW.date() - timedelta(days=1)):
            board = DayBoard(session, day, AS_OF, places).build()
            found.append((board.services, board.unknown))
        devices = session.execute(select(Device.id, Device.structure_id).order_by(Device.id)).all()
    for device_id, structure_id in devices:
        known = KnownDevice(device_id, f"borne-{device_id}", "Borne", "badge", structure_id, "", False)
        found.append(roster(records, known, NOW.date()))
    return found


def editable_rows(records: Records) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of editable tables, but their versions."""
    found = {}
    with records.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.info.get("mutability") == "editable":
                columns = [column for column in table.columns if column.name != "row_version"]
                found[table.name] = [tuple(row) for row in session.execute(select(*columns).order_by(*columns[:1]))]
    return found


@pytest.fixture(scope="module")
def compiled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose models are compiled already."""
    home = tmp_path_factory.mktemp("home")
    share_models(home)
    return home


@settings(max_examples=3, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 10_000))
def test_doubled_town_once_merged_is_the_town_never_doubled(compiled_home: Path, seed: int) -> None:
    chance = random.Random(seed)
    world = pack([TownMaker(seed + number).town() for number in range(TOWNS)], FIRST, LAST)
    made = double(world, chance)
    with recorded(world, {first: [first] for first in made.ids["payer"]}) as (url, records):
        wanted, seen = marts(url), live_views(records)
    with recorded(made.world, made.ids["payer"]) as (url, records):
        before = editable_rows(records)
        merges = merge_all(records, made, chance)
        found = marts(url)
        for mart in MARTS:
            assert found[mart] == wanted[mart], mart
        assert live_views(records) == seen
        for kept, *copies in made.refs["family"]:
            lines = family_lines(records, compiled_home, kept, FIRST, NOW.date(), now=AS_OF)
            published = {row[0] for row in found["fct_priced_lines"] if kept in row and row[2] >= FIRST}
            assert {line.line_key for line in lines} == published
            for copy in copies:
                assert family_lines(records, compiled_home, copy, FIRST, NOW.date(), now=AS_OF) == lines
        for merge_id in reversed(merges):
            undo_merge(records, SETUP, merge_id, "erreur")
        assert editable_rows(records) == before


def test_doubling_deals_rows_to_copies() -> None:
    world = pack([TownMaker(number).town() for number in range(TOWNS)], FIRST, LAST)
    made = double(world, random.Random(3))
    with recorded(world, {first: [first] for first in made.ids["payer"]}) as (url, records):
        wanted = marts(url)
        assert len(wanted["fct_priced_lines"]) > 10
    with recorded(made.world, made.ids["payer"]) as (url, records):
        assert marts(url)["fct_priced_lines"] != wanted["fct_priced_lines"]
        with records.read() as session:
            assert len(session.scalars(select(Payer.id)).all()) > len(made.ids["payer"])
