"""A real month from the bookings to the ledger: confirmed, issued by the job, corrected, issued again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from cli.main import app
from domain.errors import InvalidData
from domain.french import NBSP
from jobs.month_end import issue_from_snapshot
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.models import InvoiceDraft
from records.operations.attendance import Decision, decide
from records.operations.billing_settings import set_billing
from records.operations.cancellations import (
    CancellationAsked,
    ask_cancellation,
    decide_cancellation,
    relay_cancellation,
)
from records.operations.invoices import InvoicesAsked, list_invoices, see_invoice
from records.operations.ledger import NewEntry, add_entries
from records.operations.month_confirmation import confirm_month
from records.operations.month_states import reopen_month
from records.operations.tariffs import publish_tariff
from tests.factories.billing import NOVEMBER, SETTING
from tests.factories.databases import empty_home
from tests.factories.people import FamilyRefs, a_family, an_enrolment
from tests.factories.town import CANTEEN, SCHOOL, HandClock, canteen_tariff, make_town
from tests.harness.models import publish_without_dbt
from warehouse.reader import open_snapshot

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def eating(tmp_path: Path) -> Iterator[tuple[Records, Path, HandClock, FamilyRefs]]:
    """A pupil who eats at 2,80 € a day from October on; the clock stands in December."""
    url = empty_home(tmp_path)
    clock = HandClock()
    records = open_records(url, clock)
    make_town(records)
    publish_tariff(records, SETUP, canteen_tariff())
    set_billing(records, SETUP, SETTING)
    family = a_family(records, qf_e2=74_200)
    an_enrolment(records, family, CANTEEN, valid_from=OCTOBER)
    clock.set(480, date(2026, 12, 7))
    yield records, tmp_path, clock, family
    records.close()


def built(records: Records, home: Path) -> None:
    publish_without_dbt(home, records_url(home), records.clock())


def told_by(*words: str) -> str:
    """Return what the command says, its no-break spaces made plain."""
    found = CliRunner().invoke(app, list(words))
    assert found.exit_code == 0, found.stderr
    return found.stdout.replace(NBSP, " ")


def test_month_is_confirmed_issued_corrected_and_issued_again(
    eating: tuple[Records, Path, HandClock, FamilyRefs], monkeypatch: pytest.MonkeyPatch
) -> None:
    records, home, _clock, family = eating
    built(records, home)
    with pytest.raises(InvalidData, match="Rien à facturer pour octobre 2026"):
        issue_from_snapshot(records, home, SETUP, OCTOBER, lambda *_said: None)
    confirm_month(records, SETUP, SCHOOL, OCTOBER)
    built(records, home)
    told: list[float] = []
    issued = issue_from_snapshot(records, home, SETUP, OCTOBER, lambda done, _said: told.append(done))
    lines = open_snapshot(home).priced_lines(OCTOBER)
    priced = sum(int(line.amount * 100) for line in lines if line.amount)
    assert issued["total_cents"] == priced
    assert (issued["invoices"], issued["first_number"], told[-1]) == (1, "2026-000001", 1.0)
    invoice = see_invoice(records, SETUP, "2026-000001")
    (group,) = invoice.body["lines"]
    assert (invoice.children[group["child"]], group["service_label"], group["place_label"]) == (
        "Léa",
        "Cantine",
        "École des Tilleuls",
    )
    assert {(day["units"], day["price"], day["amount"]) for day in group["days"]} == {
        (10_000, "2.800000000000", 280)
    }
    assert invoice.payer_owes_cents == priced
    monkeypatch.setenv("MARELLE_HOME", str(home))
    said = {words: told_by(*words.split()) for words in ("month status 2026-10", "invoices show 2026-000001")}
    assert "✓ Facturé" in said["month status 2026-10"]
    assert "Léa, Cantine, École des Tilleuls : " in said["invoices show 2026-000001"]
    assert "1 repas, 2,80 €" in said["invoices show 2026-000001"]
    assert json.loads(told_by("invoices", "list", "--json"))[0]["total_cents"] == priced
    assert json.loads(told_by("month", "check", "2026-10", "--json"))["lines"] == []
    with pytest.raises(InvalidData, match="déjà facturé"):
        issue_from_snapshot(records, home, SETUP, OCTOBER, lambda *_said: None)

    reopen_month(records, SETUP, SCHOOL, OCTOBER, "Certificat reçu")
    day = date.fromisoformat(group["days"][0]["day"])
    decide(records, SETUP, Decision(family.child, CANTEEN, SCHOOL, day, "absent_justified", "certificat"))
    confirm_month(records, SETUP, SCHOOL, OCTOBER)
    confirm_month(records, SETUP, SCHOOL, NOVEMBER)
    built(records, home)
    issue_from_snapshot(records, home, SETUP, NOVEMBER, lambda *_said: None)
    second = see_invoice(records, SETUP, "2026-000002")
    (adjusted,) = second.body["adjustments"]
    assert (adjusted["day"], adjusted["before"], adjusted["now"]) == (day.isoformat(), 280, 0)
    assert second.line.previous_balance_cents == priced
    assert second.line.total_cents == second.lines_cents - 280
    assert (group["why"]["rule"], group["why"]["qf"]) == ("QF à partir de 350", 74_200)
    key = f"{family.child}~{CANTEEN}~{day}~meal~{family.payers[0]}"
    why = told_by("invoices", "explain", key)
    assert "Facture n° 2026-000001 du 7 décembre 2026 : 1 repas, 2,80 €." in why
    assert "Quotient familial : 742" in why
    assert "Facture n° 2026-000002" in why
    assert "Tout est régularisé : rien d'autre n'a changé." in why
    assert "Rien n'a changé depuis." in told_by("invoices", "explain", "2026-000002")
    assert "1 facture en PDF" in told_by("invoices", "pdf", "2026-11")
    add_entries(records, SETUP, [NewEntry(family.payers[0], "payment", -priced, "Chèque", date(2026, 12, 7))])
    asked = ("2026", "--payer", family.payers[0], "--out", str(home / "attestation.pdf"))
    assert "✓ Attestation 2026" in told_by("invoices", "certificate", *asked)

    cancelled = ask_cancellation(
        records, SETUP, CancellationAsked("2026-000002", "Facture en double", bills_again=True)
    )
    relay_cancellation(records, SETUP, cancelled, "Vu")
    decide_cancellation(records, SETUP, cancelled, True, "D'accord")
    built(records, home)
    (draft,) = open_snapshot(home).sql("select adjustments_amount from fct_invoice_drafts").to_pylist()
    assert int(draft["adjustments_amount"] * 100) == second.line.total_cents


def test_fault_is_marked_dealt_with_from_the_command_line_and_said_with_its_note(
    eating: tuple[Records, Path, HandClock, FamilyRefs], monkeypatch: pytest.MonkeyPatch
) -> None:
    records, home, _clock, _family = eating
    built(records, home)
    monkeypatch.setenv("MARELLE_HOME", str(home))
    found = json.loads(told_by("month", "faults", "--json"))
    fault = found[0]
    assert (fault["state"], fault["said"]) == ("to_do", None)
    assert "✓ Défaut marqué traité." in told_by("month", "handled", fault["fault_key"], "--note", "Vu avec eux")
    (again,) = [
        each
        for each in json.loads(told_by("month", "faults", "--owner", fault["owner_role"], "--json"))
        if each["fault_key"] == fault["fault_key"]
    ]
    assert again["said"]["note"] == "Vu avec eux"
    assert "Vu avec eux" in told_by("month", "faults")
    unknown = CliRunner().invoke(app, ["month", "handled", "autre", "--note", "Vu"])
    assert unknown.exit_code != 0
    assert "Aucun défaut « autre »" in unknown.stderr.replace(NBSP, " ")
    assert CliRunner().invoke(app, ["month", "faults", "--owner", "maire"]).exit_code != 0


def test_job_cut_after_some_payers_goes_on_and_gives_the_same_invoices(
    eating: tuple[Records, Path, HandClock, FamilyRefs], monkeypatch: pytest.MonkeyPatch
) -> None:
    records, home, _clock, _family = eating
    for name in ("Bonnet", "Caron"):
        other = a_family(records, name, qf_e2=20_000)
        an_enrolment(records, other, CANTEEN, valid_from=OCTOBER, valid_to=date(2026, 10, 10))
    confirm_month(records, SETUP, SCHOOL, OCTOBER)
    built(records, home)
    monkeypatch.setattr("warehouse.invoice_bodies.PAYERS_AT_ONCE", 1)

    def cut_at_half(done: float, _said: str) -> None:
        if done >= 0.8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        issue_from_snapshot(records, home, SETUP, OCTOBER, cut_at_half)
    assert list_invoices(records, SETUP, InvoicesAsked()).total == 0
    with records.read() as session:
        assert session.scalar(select(func.count()).select_from(InvoiceDraft)) == 2
    issued = issue_from_snapshot(records, home, SETUP, OCTOBER, lambda *_said: None)
    assert issued["invoices"] + issued["held"] == 3
    expected = sum(
        int(line.amount * 100) for line in open_snapshot(home).priced_lines(OCTOBER) if line.amount is not None
    )
    with records.read() as session:
        assert session.scalar(select(func.sum(InvoiceDraft.total_cents))) == expected
