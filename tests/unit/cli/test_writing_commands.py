"""Commands that write: terminals, calendar, figures; each on a copy of the demo town."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from records.actors import SETUP
from records.database import open_records
from records.operations.devices import enrol_device
from records.operations.services import NewRule, NewService, add_rule, add_service
from tests.harness.demo_world import DemoWorld
from warehouse.snapshot import read_pointer

Marelle = Callable[..., Any]


@pytest.fixture
def marelle(demo_copy: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> Marelle:
    """Run a command in a copy of the demo town."""
    for name, value in demo_copy.env().items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_registered_device_gets_a_code_that_enrols_it(marelle: Marelle, demo_copy: DemoWorld) -> None:
    found = marelle("devices", "register", "borne-neuve", "--structure", "tilleuls", "--json")
    assert found.exit_code == 0, found.stderr
    records = open_records(demo_copy.url)
    enrolled = enrol_device(records, json.loads(found.stdout)["code"])
    records.close()
    assert (enrolled.device_ref, enrolled.structure_ref) == ("borne-neuve", "tilleuls")


def test_a_code_is_shown_in_two_groups_with_its_life(marelle: Marelle) -> None:
    found = marelle("devices", "code", "borne-tilleuls")
    assert found.exit_code == 0, found.stderr
    assert "deux jours" in found.stdout


def test_a_device_of_an_unknown_structure_is_refused(marelle: Marelle) -> None:
    found = marelle("devices", "register", "borne-x", "--structure", "atlantide")
    assert found.exit_code == 1
    assert "atlantide" in found.stderr


def test_a_mode_that_does_not_exist_is_wrong_usage(marelle: Marelle) -> None:
    found = marelle("devices", "register", "borne-x", "--structure", "tilleuls", "--mode", "télépathie")
    assert found.exit_code == 2
    assert "badge ou roll-call" in found.stderr


def test_a_revoked_device_is_listed_as_such(marelle: Marelle) -> None:
    assert marelle("devices", "revoke", "borne-tilleuls").exit_code == 0
    devices = json.loads(marelle("devices", "list", "--json").stdout)
    assert next(each for each in devices if each["device_ref"] == "borne-tilleuls")["revoked_at"] is not None


def test_the_list_says_what_each_terminal_last_said(marelle: Marelle) -> None:
    devices = json.loads(marelle("devices", "list", "--json").stdout)
    assert {(each["state"], each["pending"], each["parked"], each["room"]) for each in devices} == {
        ("enrolled", 0, 0, "free")
    }
    assert {each["software_version"] for each in devices} == {"demo"}
    assert "À envoyer" in marelle("devices", "list").stdout


def test_the_operator_is_named_in_the_audit(marelle: Marelle, demo_copy: DemoWorld) -> None:
    from sqlalchemy import select

    from records.models import AuditEntry

    marelle("devices", "revoke", "borne-tilleuls")
    records = open_records(demo_copy.url)
    with records.read() as session:
        actor = session.scalar(select(AuditEntry.actor).order_by(AuditEntry.seq.desc()))
    records.close()
    assert actor is not None
    assert actor.startswith("ligne de commande")


def test_a_calendar_is_imported_once(marelle: Marelle) -> None:
    years = ("--from", "2029-01-01", "--to", "2029-12-31")
    first = marelle("calendar", "import", "A", *years)
    assert first.exit_code == 0, first.stderr
    assert "lundi 1er janvier 2029" in first.stdout
    assert "0 jour ajouté" in marelle("calendar", "import", "a", *years).stdout.replace("\u00a0", " ")


def test_a_zone_that_does_not_exist_is_refused(marelle: Marelle) -> None:
    found = marelle("calendar", "import", "Z", "--from", "2029-01-01", "--to", "2029-12-31")
    assert found.exit_code == 1
    assert "A, B ou C" in found.stderr


def test_a_priced_service_without_a_tariff_is_a_fault(marelle: Marelle, demo_copy: DemoWorld) -> None:
    records = open_records(demo_copy.url)
    add_service(records, SETUP, NewService("etudes", "Études surveillées", "evening_care", "periscolaire_evening"))
    add_rule(records, SETUP, free_rule("etudes"))
    records.close()
    found = marelle("tariffs", "check", "--on", "2026-11-20", "--json")
    assert found.exit_code == 1
    assert [fault["service_ref"] for fault in json.loads(found.stdout)] == ["etudes"]


def free_rule(service_ref: str) -> NewRule:
    return NewRule(
        service_ref=service_ref,
        valid_from=date(2026, 9, 1),
        decision="Délibération d'essai",
        period="school",
        weekday_mask=27,
        slot_start_minute=990,
        slot_end_minute=1_050,
        grace_minutes=10,
        anti_bounce_seconds=300,
        needs_departure=True,
        rounding_minutes=30,
        tolerance_minutes=0,
        bill_basis="presence",
        undecided_default="no_line",
        caf_hour_rule="slot_full",
        serves_meal=False,
        is_priced=True,
    )


def test_a_build_publishes_what_has_changed(marelle: Marelle, demo_copy: DemoWorld) -> None:
    before = read_pointer(demo_copy.home)
    marelle("devices", "revoke", "borne-tilleuls")
    after = marelle("warehouse", "build", "--json")
    assert after.exit_code == 0, after.stderr
    assert json.loads(after.stdout)["change_seq"] == before.change_seq + 1
    assert json.loads(after.stdout)["id"] != before.id
