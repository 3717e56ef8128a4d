"""What `marelle run` does before its services: a town only where nothing was ever recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import preparation
from cli.main import app
from cli.preparation import AlreadyRunning, first_figures, has_no_data, only_run, prepare
from cli.supervision.stopping import Check
from records.actors import SETUP
from records.database import open_records, records_url
from records.migrations import newest
from records.operations.collectivity import CollectivityFacts, set_collectivity
from tests.factories.databases import empty_home
from tests.harness import postgres


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A MARELLE_HOME that does not exist yet."""
    folder = tmp_path / "home"
    monkeypatch.setenv("MARELLE_HOME", str(folder))
    monkeypatch.delenv("MARELLE_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Note, instead of making a town, what its folder holds when it is asked for."""
    found: list[list[str]] = []

    def note(home: Path, _check: Check) -> None:
        found.append([path.name for path in home.iterdir()] if home.exists() else [])

    monkeypatch.setattr(preparation, "_create_demo", note)
    return found


def describe(home: Path) -> None:
    """Record something."""
    records = open_records(empty_home(home))
    set_collectivity(records, SETUP, CollectivityFacts("Essai", "Europe/Paris", "A", "mairie@example.org"))
    records.close()


def test_a_folder_that_does_not_exist_gets_a_town(home: Path, made: list[list[str]]) -> None:
    prepare(home, wants_demo=True)
    assert made == [[]]


def test_what_an_earlier_run_left_is_cleared_for_the_town(home: Path, made: list[list[str]]) -> None:
    empty_home(home)
    (home / "logs").mkdir()
    (home / "logs" / "api.log").write_text("vieux journal")
    (home / "scheduler.alive").touch()
    prepare(home, wants_demo=True)
    assert made == [[]]


def test_recorded_data_is_never_taken_for_nothing(home: Path, made: list[list[str]]) -> None:
    describe(home)
    assert not has_no_data(home)
    prepare(home, wants_demo=True)
    assert made == []
    assert (home / "records.db").exists()


def test_a_file_of_somebody_else_is_never_touched(home: Path, made: list[list[str]]) -> None:
    home.mkdir()
    (home / "photo.jpg").write_bytes(b"precious")
    assert not has_no_data(home)
    prepare(home, wants_demo=True)
    assert made == []
    assert (home / "photo.jpg").read_bytes() == b"precious"


def test_a_folder_where_marelle_runs_is_not_cleared(home: Path, made: list[list[str]]) -> None:
    home.mkdir()
    with only_run(home), pytest.raises(AlreadyRunning):
        prepare(home, wants_demo=True)
    assert made == []


def test_without_demo_the_records_are_made_and_empty(home: Path) -> None:
    from records.migrations import current

    prepare(home, wants_demo=False)
    assert current(records_url(home)) == newest()
    assert has_no_data(home)


def test_without_a_collectivity_there_is_nothing_to_compute(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty_home(home)
    first_figures(home)
    assert "Aucune collectivité" in capsys.readouterr().out


def test_a_damaged_file_is_told_and_left_alone(home: Path) -> None:
    home.mkdir()
    (home / "records.db").write_bytes(b"this was a database once " * 400)
    found = CliRunner().invoke(app, ["devices", "list"])
    assert found.exit_code == 1
    assert "est abîmé" in found.stderr
    assert "sauvegarde" in found.stderr
    assert (home / "records.db").read_bytes().startswith(b"this was")


def test_an_empty_database_server_gets_a_town(
    home: Path, made: list[list[str]], postgres_cluster: postgres.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = postgres.template_database(postgres_cluster, "empty_template", lambda _url: None)
    monkeypatch.setenv("MARELLE_DATABASE_URL", postgres.fresh_database(empty))
    assert has_no_data(home)
    prepare(home, wants_demo=True)
    assert made == [[]]
