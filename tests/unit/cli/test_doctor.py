"""`marelle doctor`: what is well, what waits for somebody, what is broken, each with what to do."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from cli.diagnosis.data import check_data
from cli.diagnosis.finding import Finding, Level
from cli.diagnosis.installation import check_installation, check_running
from cli.main import app
from jobs.scheduler import only_one
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.models import Structure
from records.operations.devices import revoke_device
from records.operations.yearly_tasks import NewTask, add_task
from tests.factories import databases
from tests.factories.people import a_terminal, kept
from tests.harness.demo_world import DemoWorld
from warehouse.snapshot import published_folder

WEEK = timedelta(days=7) // timedelta(microseconds=1)


def by_subject(findings: Iterator[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


@pytest.fixture
def records(demo_copy: DemoWorld) -> Iterator[Records]:
    opened = demo_copy.open()
    yield opened
    opened.close()


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    """A folder whose records are migrated and empty."""
    home = tmp_path / "empty"
    databases.empty_home(home)
    return home


# --------------------------------------------------------------------------------------------- installation


def test_a_sound_installation_has_no_fault(demo_world: DemoWorld) -> None:
    found = by_subject(check_installation(demo_world.home, demo_world.url))
    assert [each for each in found.values() if each.level is Level.FAULT] == []
    assert found["Base de données"].detail == "SQLite répond"


def test_a_missing_folder_is_a_fault_with_what_to_do(tmp_path: Path) -> None:
    found = by_subject(check_installation(tmp_path / "nowhere", records_url(tmp_path / "nowhere")))
    assert found["Dossier des données"].level is Level.FAULT
    assert found["Base de données"].level is Level.FAULT
    assert "marelle run" in found["Base de données"].action
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_a_fault(tmp_path: Path, demo_world: DemoWorld) -> None:
    path = tmp_path / "records.db"
    shutil.copyfile(demo_world.home / "records.db", path)
    with path.open("r+b") as file:
        for page in range(20, 60):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    found = by_subject(check_installation(tmp_path, records_url(tmp_path)))
    assert found["Base de données"].level is Level.FAULT
    assert "abîmé" in found["Base de données"].detail
    assert "sauvegarde" in found["Base de données"].action


def test_another_release_of_the_schema_is_a_fault(empty_home: Path) -> None:
    with sqlite3.connect(empty_home / "records.db") as connection:
        connection.execute("update alembic_version set version_num = '0000'")
    connection.close()
    found = by_subject(check_installation(empty_home, records_url(empty_home)))
    assert found["Version de la base"].level is Level.FAULT


def test_a_server_that_does_not_answer_is_a_fault(tmp_path: Path) -> None:
    url = records_url(tmp_path, "postgresql://nobody:secret@127.0.0.1:1/nothing")
    finding = by_subject(check_installation(tmp_path, url))["Base de données"]
    assert finding.level is Level.FAULT
    assert "secret" not in finding.detail


def test_a_stopped_scheduler_waits_for_somebody(demo_copy: DemoWorld) -> None:
    assert check_running(demo_copy.home).level is Level.WAITING


def test_a_working_scheduler_is_well_and_a_silent_one_is_not(demo_copy: DemoWorld) -> None:
    with only_one(demo_copy.home):
        assert check_running(demo_copy.home).level is Level.FAULT
        (demo_copy.home / "scheduler.alive").touch()
        assert check_running(demo_copy.home).level is Level.OK


# ----------------------------------------------------------------------------------------------------- data


def test_the_demo_is_well_but_for_the_work_of_its_people(demo_world: DemoWorld) -> None:
    records = demo_world.open()
    found = by_subject(check_data(records, demo_world.home))
    records.close()
    assert {subject for subject, each in found.items() if each.level is Level.FAULT} == set()
    for subject in ("Calendrier", "Tarifs", "Bornes", "Passages manquants", "Chiffres publiés"):
        assert found[subject].level is Level.OK, found[subject]
    for subject in ("Passages de novembre 2026", "Quarantaine"):
        assert found[subject].level is Level.WAITING, found[subject]


def test_a_late_task_is_told_and_that_nobody_is_reminded_without_a_mail_server(
    demo_copy: DemoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = open_records(demo_copy.url, lambda: demo_copy.now)
    assert by_subject(check_data(records, demo_copy.home))["Échéances"].level is Level.OK
    task = NewTask("caf-essai", "Envoyer le réel", 11, 1, "declare_caf", date(2020, 1, 1))
    add_task(records, SETUP, task)
    monkeypatch.delenv("MARELLE_MAIL_URL", raising=False)
    found = by_subject(check_data(records, demo_copy.home))["Échéances"]
    assert found.level is Level.WAITING
    assert "1 tâche à faire, dont 1 en retard : Envoyer le réel" in found.detail.replace("\u00a0", " ")
    assert "MARELLE_MAIL_URL" in found.action
    monkeypatch.setenv("MARELLE_MAIL_URL", "smtp://127.0.0.1:1")
    assert "MARELLE_MAIL_URL" not in by_subject(check_data(records, demo_copy.home))["Échéances"].action
    records.close()


def test_a_terminal_not_heard_since_its_place_was_open_is_silent(demo_copy: DemoWorld) -> None:
    records = open_records(demo_copy.url, lambda: demo_copy.now + WEEK)
    finding = by_subject(check_data(records, demo_copy.home))["Bornes"]
    records.close()
    assert finding.level is Level.WAITING
    assert "7\u00a0bornes muettes" in finding.detail


def test_a_hole_in_what_a_terminal_sent_is_told(records: Records, demo_copy: DemoWorld) -> None:
    with records.read() as session:
        school = session.scalars(select(Structure.ref).order_by(Structure.id).limit(1)).one()
    kept(records, a_terminal(records, "borne-essai", school), {1: 990, 4: 1000})
    finding = by_subject(check_data(records, demo_copy.home))["Passages manquants"]
    assert finding.level is Level.WAITING
    assert "2\u00a0passages de Borne borne-essai ne sont pas arrivés" in finding.detail
    assert "régler ces trous" in finding.action


def test_figures_behind_the_records_are_told(records: Records, demo_copy: DemoWorld) -> None:
    revoke_device(records, SETUP, "borne-tilleuls")
    finding = by_subject(check_data(records, demo_copy.home))["Chiffres publiés"]
    assert finding.level is Level.WAITING
    assert "1\u00a0changement" in finding.detail


def test_no_figures_at_all_is_a_fault(records: Records, demo_copy: DemoWorld) -> None:
    shutil.rmtree(published_folder(demo_copy.home))
    finding = by_subject(check_data(records, demo_copy.home))["Chiffres publiés"]
    assert finding.level is Level.FAULT
    assert "marelle warehouse build" in finding.action


def test_a_collectivity_that_is_not_described_waits_for_somebody(empty_home: Path) -> None:
    records = open_records(records_url(empty_home))
    found = by_subject(check_data(records, empty_home))
    records.close()
    assert [each.level for each in found.values()] == [Level.WAITING]


# --------------------------------------------------------------------------------------------- the command


def test_the_report_is_signs_words_and_actions(demo_copy: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in demo_copy.env().items():
        monkeypatch.setenv(name, value)
    found = CliRunner().invoke(app, ["doctor"])
    assert "✓ Base de données" in found.stdout
    assert "▲ Calculs automatiques" in found.stdout
    assert "→ Lancez" in found.stdout


def test_a_fault_ends_with_1_for_programs_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARELLE_HOME", str(tmp_path / "nowhere"))
    monkeypatch.delenv("MARELLE_DATABASE_URL", raising=False)
    found = CliRunner().invoke(app, ["doctor", "--json"])
    assert found.exit_code == 1
    levels = {each["subject"]: each["level"] for each in json.loads(found.stdout)}
    assert levels["Dossier des données"] == "fault"
    assert levels["Python"] == "ok"
