"""`marelle month issue`, really: figures built by dbt, drafts, numbers, and what is said of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner

from cli.main import app
from records.actors import SETUP
from records.database import Records, open_records
from records.models import Invoice, MonthState, Payer
from records.operations.billing_settings import set_billing
from records.operations.month_confirmation import confirm_month
from records.operations.tariffs import publish_tariff
from tests.factories.billing import SETTING
from tests.factories.databases import empty_home
from tests.factories.people import a_family, an_enrolment
from tests.factories.town import CANTEEN, SCHOOL, HandClock, canteen_tariff, make_town
from tests.harness.models import share_models

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """A pupil who eats every day of October at 2,80 €, and her school's confirmation, in MARELLE_HOME."""
    url = empty_home(tmp_path)
    clock = HandClock()
    records = open_records(url, clock)
    make_town(records)
    publish_tariff(records, SETUP, canteen_tariff())
    set_billing(records, SETUP, SETTING)
    an_enrolment(records, a_family(records, qf_e2=74_200), CANTEEN, valid_from=OCTOBER)
    clock.set(480, date(2026, 11, 9))
    confirm_month(records, SETUP, SCHOOL, OCTOBER)
    share_models(tmp_path)
    monkeypatch.setenv("MARELLE_HOME", str(tmp_path))
    monkeypatch.delenv("MARELLE_DATABASE_URL", raising=False)
    yield records
    records.close()


def test_a_confirmed_month_is_issued_and_said_and_never_twice(town: Records) -> None:
    done = CliRunner().invoke(app, ["month", "issue", "2026-10"])
    assert done.exit_code == 0, done.output
    said = done.stdout.replace("\u00a0", " ")
    assert "1 facture émise, du n° 2026-000001 au n° 2026-000001" in said
    assert "Avis par courriel :" in said
    with town.read() as session:
        (invoice,) = session.scalars(select(Invoice))
        states = session.scalars(select(MonthState.state).order_by(MonthState.id)).all()
    assert invoice.total_cents % 280 == 0
    assert invoice.total_cents >= 1_500
    assert states == ["confirmed", "locked"]

    again = CliRunner().invoke(app, ["month", "issue", "2026-10"])
    assert again.exit_code == 1
    assert "Octobre 2026 est déjà facturé." in again.stderr.replace("\u00a0", " ")
    status = CliRunner().invoke(app, ["month", "status", "2026-10", "--json"])
    assert [each["state"] for each in json.loads(status.stdout)["places"] if each["structure_ref"] == SCHOOL] == [
        "locked"
    ]


def test_a_place_that_waits_is_told_once_with_the_command_that_confirms_it(town: Records) -> None:
    assert CliRunner().invoke(app, ["warehouse", "build"]).exit_code == 0
    said = CliRunner().invoke(app, ["month", "check", "2026-11"]).stdout.replace("\u00a0", " ")
    (waits,) = [line for line in said.splitlines() if f"marelle month confirm {SCHOOL} 2026-11" in line]
    assert "que sa coordination ou sa direction confirme le mois" in waits
    assert "Mois non confirmé" not in said


def test_a_payer_without_an_address_is_named_with_the_telephone_to_call(town: Records) -> None:
    with town.write(SETUP, "address") as write:
        write.session.execute(text("update person set email = null"))
        write.session.execute(text("update payer set notice_channel = 'sms'"))
    done = CliRunner().invoke(app, ["month", "issue", "2026-10"]).stdout.replace("\u00a0", " ")
    assert "Sans avis, faute d'e-mail : 1 payeur." in done
    assert "marelle month untold 2026-10" in done
    (told,) = json.loads(CliRunner().invoke(app, ["month", "untold", "2026-10", "--json"]).stdout)
    assert (told["number"], told["why"]) == ("2026-000001", "sms_unsent")


def test_a_credit_is_set_free_or_kept_for_its_service_with_a_reason(town: Records) -> None:
    with town.read() as session:
        payer = session.scalars(select(Payer.ref)).first()
    for way, said in (("--free", "tout ce que le payeur doit"), ("--strict", "que son service")):
        done = CliRunner().invoke(app, ["month", "credit", str(payer), CANTEEN, way, "--reason", "Parti"])
        assert said in done.stdout, done.output
    refused = CliRunner().invoke(app, ["month", "credit", str(payer), CANTEEN, "--free", "--reason", " "])
    assert (refused.exit_code, "Dites pourquoi" in refused.stderr) == (1, True)
