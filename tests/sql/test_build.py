"""A build publishes one file and a pointer, or nothing at all."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import text

from domain.time import MICROS_PER_MINUTE
from tests.harness.models import compile_once, publish_without_dbt
from tests.hygiene.project import ROOT
from tests.oracles.random_towns import FIRST
from tests.sql.built import AS_OF, Home, built_home, make_home
from warehouse import build as build_module
from warehouse import by_children
from warehouse.build import build
from warehouse.errors import BuildFailed, BuildInProgress, SnapshotDamaged, SnapshotMissing
from warehouse.load import Loaded, load
from warehouse.project import BUILD_FILE, PROJECT, CompiledProject, compiled_project
from warehouse.publish import KEPT_SNAPSHOTS, file_sha256
from warehouse.reader import open_snapshot
from warehouse.snapshot import published_folder, read_pointer

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = built_home(tmp_path_factory.mktemp("build") / "home", 20)
    yield made
    made.records.close()


def test_published_file_is_read_only_named_by_its_identity_and_hashed(home: Home) -> None:
    snapshot = home.snapshot
    assert snapshot.path == published_folder(home.path) / f"marelle-{snapshot.id}.duckdb"
    assert stat.S_IMODE(snapshot.path.stat().st_mode) == 0o444
    assert snapshot.sha256 == file_sha256(snapshot.path)
    assert snapshot == read_pointer(home.path)
    assert snapshot.change_seq == home.records.change_seq()


def test_published_file_holds_the_marts_and_no_raw_data(home: Home) -> None:
    with duckdb.connect(str(home.snapshot.path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() union all "
            "select schema_name || '.' || view_name from duckdb_views() where not internal"
        ).fetchall()
        columns = connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'replay'"
        ).fetchall()
    marts = {f"marts.{path.stem}" for path in (PROJECT / "models" / "marts").rglob("*.sql")}
    # What their views read.
    stays = {f"attendance__{name}_told" for name in ("people", "places", "services", "stays")}
    told = {f"intermediate.int_{name}" for name in ("billing__told", "caf__child_days", "pricing__told", *stays)}
    # Beside them, what a past year is priced again from: no name, no badge, no tap.
    replayed = {"enrolments", "family_members", "lines", "payers", "persons", "psu_scale"}
    assert {name for (name,) in tables} == marts | told | {f"replay.{name}" for name in replayed}
    assert {"first_name", "last_name", "badge_uid", "tap_id"}.isdisjoint(column for (column,) in columns)


def test_nothing_is_left_of_the_work_of_a_build(home: Home) -> None:
    assert not (home.path / "warehouse" / "work").exists()
    assert {path.name for path in published_folder(home.path).iterdir()} >= {
        "pointer.json",
        home.snapshot.path.name,
    }


def test_same_records_at_the_same_minute_are_not_built_again(home: Home) -> None:
    told: list[str] = []
    again = build(
        home.path, home.url, now=AS_OF + MICROS_PER_MINUTE // 2, progress=lambda done, what: told.append(what)
    )
    assert again == home.snapshot
    assert told == ["Les chiffres publiés sont à jour."]


def test_a_stay_in_progress_makes_the_snapshot_last_one_minute(home: Home) -> None:
    # Random towns have children inside at the build's minute: their lines count up to now.
    assert home.snapshot.current_until == AS_OF + MICROS_PER_MINUTE


def test_a_change_of_records_a_new_minute_and_full_each_build_again(tmp_path: Path) -> None:
    url, records = make_home(tmp_path / "home", 2, first_seed=500)
    first = publish_without_dbt(tmp_path / "home", url, AS_OF)
    with records.engine.begin() as connection:
        connection.execute(text("update change_seq set value = value + 1"))
    changed = build(tmp_path / "home", url, now=AS_OF)
    assert changed.id != first.id
    assert changed.change_seq == first.change_seq + 1
    told: list[float] = []
    full = build(tmp_path / "home", url, now=AS_OF, full=True, progress=lambda done, what: told.append(done))
    assert full.id == changed.id
    assert full.built_at > changed.built_at
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 30
    records.close()


def test_children_priced_part_by_part_are_told_what_all_at_once_would_be(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, records = make_home(tmp_path, home.towns)
    records.close()
    monkeypatch.setattr(by_children, "LINES_AT_ONCE", 40)
    in_parts = build(tmp_path, url, now=AS_OF)
    lines = lines_told(home.snapshot.path)
    assert lines
    assert lines_told(in_parts.path) == lines


def test_lines_alike_are_numbered_as_the_parts_number_them() -> None:
    alike = next(model for model in compile_once().models if model.name == by_children.BETWEEN[0])
    assert alike.sql.count(by_children.NUMBERED) == 1


def test_a_model_that_fails_for_some_children_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, records = make_home(tmp_path, 1)
    records.close()

    def broken(folder: Path) -> CompiledProject:
        project = compiled_project(folder)
        models = [
            replace(model, sql="select nothing") if model.name == by_children.BETWEEN[1] else model
            for model in project.models
        ]
        return replace(project, models=tuple(models))

    monkeypatch.setattr(build_module, "compiled_project", broken)
    with pytest.raises(BuildFailed, match=by_children.BETWEEN[1]):
        build(tmp_path, url, now=AS_OF)


def lines_told(published: Path) -> list[tuple[object, ...]]:
    """Return all that a published file tells of lines, in an order of its own."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as marelle (read_only)")
        return connection.execute("select * from marelle.intermediate.int_pricing__told order by all").fetchall()


def test_a_failed_model_publishes_nothing_and_says_which(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def load_without_taps(url: str, file: Path, as_of: int, on_table: object) -> Loaded:
        loaded = load(url, file, as_of, lambda table: None)
        with duckdb.connect(str(file)) as connection:
            connection.execute("drop table raw.tap")
        return loaded

    monkeypatch.setattr(build_module, "load", load_without_taps)
    with pytest.raises(BuildFailed, match=r"rien n'a été publié.*stg_records__taps"):
        build(home.path, home.url, now=AS_OF, full=True)
    assert read_pointer(home.path) == home.snapshot
    assert open_snapshot(home.path).priced_lines(FIRST)


def test_a_mart_at_fault_publishes_nothing_and_says_which_test(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def load_names_away(url: str, file: Path, as_of: int, on_table: object) -> Loaded:
        loaded = load(url, file, as_of, lambda table: None)
        with duckdb.connect(str(file)) as connection:
            connection.execute("update raw.service set label = null")
            connection.execute("insert into raw.payer select * from raw.payer")
        return loaded

    monkeypatch.setattr(build_module, "load", load_names_away)
    with pytest.raises(BuildFailed, match=r"grain_int_pricing__told_line_key.*fct_pricing_faults_is_known"):
        build(home.path, home.url, now=AS_OF, full=True)
    assert read_pointer(home.path) == home.snapshot


def test_a_second_build_at_once_is_refused_with_a_clear_sentence(home: Home) -> None:
    with (home.path / "warehouse" / "build.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(BuildInProgress, match="Un calcul est déjà en cours"):
            build(home.path, home.url, now=AS_OF, full=True)


def test_a_home_without_a_build_says_which_command_to_run(tmp_path: Path) -> None:
    with pytest.raises(SnapshotMissing, match="marelle warehouse build"):
        open_snapshot(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", '{"file": "x.duckdb"}'])
def test_a_damaged_pointer_is_told_in_french(tmp_path: Path, content: str) -> None:
    published_folder(tmp_path).mkdir(parents=True)
    (published_folder(tmp_path) / "pointer.json").write_text(content)
    with pytest.raises(SnapshotDamaged, match="illisible"):
        open_snapshot(tmp_path)


def test_a_damaged_file_is_told_in_french(tmp_path: Path, home: Home) -> None:
    published_folder(tmp_path).mkdir(parents=True)
    pointer = json.loads((published_folder(home.path) / "pointer.json").read_text())
    (published_folder(tmp_path) / "pointer.json").write_text(json.dumps({**pointer, "file": "marelle-x.duckdb"}))
    (published_folder(tmp_path) / "marelle-x.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(SnapshotDamaged, match="relancez « marelle warehouse build --full »"):
        open_snapshot(tmp_path)


# Kills itself at the n-th step of the real build; the parent says which.
_KILLED_BUILD = """
import os, signal, sys
from pathlib import Path
from warehouse import publish
from warehouse.build import build

home, url, now, at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]

def die(*_arguments: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)

def die_halfway(done: float, what: str) -> None:
    if done > 0.5:
        die()

if at == "before pointer":
    publish.write_pointer = die
if at == "before name":
    publish.file_sha256 = die
    import warehouse.build
    warehouse.build.file_sha256 = die
build(home, url, now=now, full=True, progress=die_halfway if at == "halfway" else None)
"""


@pytest.mark.parametrize("at", ["halfway", "before name", "before pointer"])
def test_a_build_killed_at_any_step_leaves_the_former_snapshot(home: Home, at: str) -> None:
    before = read_pointer(home.path)
    arguments = [str(home.path), home.url, str(AS_OF + MICROS_PER_MINUTE), at]
    done = subprocess.run(
        [sys.executable, "-c", _KILLED_BUILD, *arguments], cwd=ROOT, env={**os.environ}, check=False, timeout=120
    )
    assert done.returncode == -signal.SIGKILL
    assert read_pointer(home.path) == before
    assert file_sha256(before.path) == before.sha256
    assert open_snapshot(home.path).priced_lines(FIRST)


def test_after_a_killed_build_the_next_one_succeeds_and_old_files_go(tmp_path: Path) -> None:
    url, records = make_home(tmp_path / "home", 1, first_seed=700)
    home = tmp_path / "home"
    work = home / "warehouse" / "work"
    work.mkdir(parents=True)
    (work / BUILD_FILE).write_bytes(b"half a database")
    published_folder(home).mkdir(parents=True)
    (published_folder(home) / "new.duckdb").write_bytes(b"half a publication")
    for number in range(KEPT_SNAPSHOTS + 2):
        (published_folder(home) / f"marelle-old{number}.duckdb").write_bytes(b"old")
    snapshot = build(home, url, now=AS_OF)
    left = {path.name for path in published_folder(home).glob("marelle-*.duckdb")}
    assert len(left) == KEPT_SNAPSHOTS
    assert snapshot.path.name in left
    assert not (published_folder(home) / "new.duckdb").exists()
    records.close()


def test_a_build_after_one_killed_halfway_reads_nothing_that_it_left(tmp_path: Path) -> None:
    url, records = make_home(tmp_path / "home", 1, first_seed=710)
    home = tmp_path / "home"
    arguments = [str(home), url, str(AS_OF), "halfway"]
    done = subprocess.run([sys.executable, "-c", _KILLED_BUILD, *arguments], cwd=ROOT, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert (published_folder(home) / "new.duckdb.wal").exists()
    snapshot = build(home, url, now=AS_OF)
    assert snapshot == read_pointer(home)
    assert open_snapshot(home).priced_lines(FIRST)
    records.close()


def test_a_reader_goes_on_after_its_file_was_replaced_and_removed(tmp_path: Path, home: Home) -> None:
    folder = published_folder(tmp_path)
    folder.mkdir(parents=True)
    pointer = json.loads((published_folder(home.path) / "pointer.json").read_text())
    (folder / "marelle-one.duckdb").write_bytes(home.snapshot.path.read_bytes())
    (folder / "pointer.json").write_text(json.dumps({**pointer, "file": "marelle-one.duckdb", "id": "one"}))
    reader = open_snapshot(tmp_path)
    (folder / "marelle-two.duckdb").write_bytes(home.snapshot.path.read_bytes())
    (folder / "pointer.json").write_text(json.dumps({**pointer, "file": "marelle-two.duckdb", "id": "two"}))
    (folder / "marelle-one.duckdb").unlink()
    assert reader.priced_lines(FIRST) == open_snapshot(tmp_path).priced_lines(FIRST)
    assert open_snapshot(tmp_path).snapshot.id == "two"
