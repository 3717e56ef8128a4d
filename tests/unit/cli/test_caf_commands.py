"""`marelle caf declaration`, `accounting` and `settings` on a copy of the demo town."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from cli.main import app
from domain.caf_declarations import Control, Figure
from records.database import open_records
from records.models import Structure, Tap
from records.triggers import create_triggers, drop_triggers
from tests.harness.caf_figures import publish_counted_days, publish_figures
from tests.harness.demo_world import DemoWorld

Marelle = Callable[..., Any]
HOURS = Figure("alsh_peri", 101, "hours", Decimal("1204.5000"), "hours")
AMOUNT = Figure("result", 205, "pso_periscolaire_amount", None, "euros", "accounts_missing 2026")
HELD = Control("held_back", "lea", "cantine", date(2026, 3, 3), 60)


@pytest.fixture
def marelle(demo_copy: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> Marelle:
    """Run a command in a copy of the demo town."""
    for name, value in demo_copy.env().items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def place(demo_copy: DemoWorld) -> str:
    """A structure of the demo town."""
    records = open_records(demo_copy.url)
    with records.read() as session:
        found = session.scalars(select(Structure.ref).order_by(Structure.id)).first()
    records.close()
    assert found is not None
    return found


def moved(home: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go on in a copy of the folder, whose published file was not opened yet."""
    shutil.copytree(home, target)
    monkeypatch.setenv("MARELLE_HOME", str(target))
    return target


def test_declaration_is_shown_frozen_and_its_correction_is_a_difference(
    marelle: Marelle, demo_copy: DemoWorld, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_figures(demo_copy.home, (place, 2026, "year"), [HOURS, AMOUNT], [HELD])
    shown = marelle("caf", "declaration", 2026, "--structure", place)
    said = shown.stdout.replace("\u00a0", " ")
    assert "1 204,50 h" in said
    assert "Les comptes de 2026 ne sont pas saisis" in said
    assert "pointages en attente : 1" in said
    out = tmp_path / "declaration"
    done = marelle("caf", "declaration", 2026, "--structure", place, "--export", out, "--json")
    told = json.loads(done.stdout)
    assert (told["version"], told["number"], len(told["sha256"])) == ("actual", 1, 64)
    assert sorted(each.suffix for each in out.iterdir()) == [".csv", ".pdf", ".xlsx"]
    later = moved(demo_copy.home, tmp_path / "later", monkeypatch)
    publish_figures(later, (place, 2026, "year"), [replace(HOURS, value=Decimal("1210.0000")), AMOUNT])
    found = json.loads(marelle("caf", "declaration", 2026, "--structure", place, "--json").stdout)
    assert found["since"].startswith("réel 2026")
    assert [(each["code"], each["before"], each["change"]) for each in found["differences"]] == [
        ("hours", 1204.5, 5.5)
    ]


def test_forecast_takes_the_year_before_and_typed_lines_and_another_version_takes_none(
    marelle: Marelle, demo_copy: DemoWorld, place: str
) -> None:
    publish_figures(demo_copy.home, (place, 2026, "year"), [HOURS])
    command = ("caf", "declaration", 2027, "--structure", place, "--set", "alsh_peri.hours=1300,50")
    found = json.loads(marelle(*command, "--version", "forecast", "--json").stdout)
    assert [(each["value"], each["basis"]) for each in found["figures"]] == [(1300.5, "typed")]
    refused = marelle(*command)
    assert refused.exit_code == 1
    assert "prévisionnel" in refused.stderr


def test_accounts_come_from_a_file_and_a_wrong_one_leaves_nothing(
    marelle: Marelle, place: str, tmp_path: Path
) -> None:
    file = tmp_path / "comptes.csv"
    file.write_text(f"structure;annee;compte;libelle;montant\n{place};2026;512;Banque;1\n", encoding="utf-8")
    refused = marelle("caf", "accounting", "import", file)
    assert refused.exit_code == 1
    assert "ligne 2, colonne compte" in refused.stdout
    file.write_text(f"structure;annee;compte;libelle;montant\n{place};2026;6411;Salaires;12,50\n", encoding="utf-8")
    assert marelle("caf", "accounting", "import", file).exit_code == 0
    (line,) = json.loads(marelle("caf", "accounting", "list", 2026, "--structure", place, "--json").stdout)
    assert (line["account"], line["amount_cents"], line["origin"]) == ("6411", 1250, "imported")


def test_convention_keeps_what_it_said_but_what_is_given(marelle: Marelle, place: str) -> None:
    first = ("caf", "settings", "--structure", place)
    given = ("--from", "2027-01-01", "--decision", "Convention", "--places", 40, "--set", "general_regime_e4=93,5")
    assert marelle(*first, *given).exit_code == 0
    again = ("--from", "2028-01-01", "--decision", "Avenant", "--set", "has_pedt=non")
    assert marelle(*first, *again).exit_code == 0
    found = [each for each in json.loads(marelle(*first, "--json").stdout) if each["valid_from"] >= "2027"]
    assert [(each["authorised_places"], each["general_regime_e4"], each["has_pedt"]) for each in found] == [
        (40, 9350, True),
        (40, 9350, False),
    ]
    shown = marelle(*first).stdout
    assert "Part du régime général (%)" in shown
    assert "--set general_regime_e4=…" in shown
    assert shown.count("93,50") == 2
    assert "01/01/2028" in shown
    refused = marelle(*first, "--from", "2029-01-01", "--decision", "x", "--set", "places=2")
    assert "n'est pas un réglage" in refused.stderr


def test_audit_folder_of_a_place_is_written_once_and_whole(
    marelle: Marelle, demo_copy: DemoWorld, place: str, tmp_path: Path
) -> None:
    publish_counted_days(demo_copy.home)
    out = tmp_path / "controle"
    command = ("caf", "audit", place, "--from", "2026-11-02", "--to", "2026-11-06", "--out", out)
    done = marelle(*command)
    assert done.exit_code == 0, done.stderr
    said = done.stdout.replace("\u00a0", " ")
    assert "sont ceux que les bornes ont envoyés" in said
    registers = (out / "registre.csv").read_text("utf-8-sig").splitlines()
    days = (out / "journees.csv").read_text("utf-8-sig").splitlines()
    assert len(registers) > 50
    assert len(days) > 50
    assert "intact" in (out / "passages.csv").read_text("utf-8-sig")
    counted = [row.split(";") for row in days[1:]]
    declared = sum(int(row[7]) for row in counted if row[9] == "oui" and row[7])
    assert sum(int(row.split(";")[6] or 0) for row in registers[1:]) == declared > 0
    again = marelle(*command)
    assert again.exit_code == 1
    assert "existe déjà" in again.stderr


def test_audit_of_taps_changed_behind_our_back_names_them_and_fails(
    marelle: Marelle, demo_copy: DemoWorld, place: str, tmp_path: Path
) -> None:
    publish_counted_days(demo_copy.home)
    records = open_records(demo_copy.url)
    with records.engine.begin() as connection:
        drop_triggers(connection)
        connection.execute(update(Tap).values(occurred_at_corrected=Tap.occurred_at_corrected + 60_000_000))
        create_triggers(connection)
    records.close()
    out = tmp_path / "controle"
    done = marelle("caf", "audit", place, "--from", "2026-11-02", "--to", "2026-11-06", "--out", out)
    assert done.exit_code == 1
    assert "ATTENTION" in done.stderr
    assert "DÉPLACÉ" in (out / "anomalies.csv").read_text("utf-8-sig")
