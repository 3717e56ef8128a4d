"""« Fin de mois » and « Factures »: who confirms, who issues, and each step of a cancellation."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from records.actors import SETUP
from records.models import MonthState, Payer, Structure
from records.operations.billing_runs import Draft, RunBasis, close_drafts, keep_drafts, open_run
from records.operations.billing_settings import NewBillingSetting, set_billing
from records.operations.cancellations import waiting_cancellations
from records.operations.invoice_issue import issue_run
from records.operations.jobs import invoice_pdfs_job, month_end_job
from tests.factories.bodies import body_text
from tests.factories.rows import make_row
from tests.ui.dashboards.conftest import Open
from tests.ui.dashboards.test_staff_pages import metrics, words
from tests.ui.town import START, Town

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def billed(staff_town: Town) -> str:
    """October issued for one payer, by hand: 86,40 €; returns the payer's reference."""
    records = staff_town.records
    set_billing(records, SETUP, NewBillingSetting(START, "Délibération", 2_000))
    with records.read() as session:
        payer_ref = session.scalars(select(Payer.ref).order_by(Payer.id)).first()
        place = session.scalars(select(Structure).order_by(Structure.id)).first()
    assert payer_ref is not None
    assert place is not None
    with records.write(SETUP, "confirm") as write:
        make_row(write, MonthState, structure_id=place.id, month=OCTOBER, seq=1)
    group = {"child": "inconnu", "service": "c", "service_label": "Cantine", "place": "p", "place_label": "École"}
    days = [{"day": "2026-10-05", "kind": "meal", "units": 10_000, "price": "86.4", "amount": 8_640, "covered": 0}]
    body = {"lines": [{**group, "unit": "meal", "days": days}], "adjustments": [], "carried": [], "aside": []}
    basis = RunBasis(OCTOBER, "essai", "a" * 64, records.change_seq(), 1_500, (place.ref,))
    run_id = open_run(records, SETUP, basis).run_id
    draft = Draft(payer_ref, False, 8_640, 0, 0, 0, 8_640, 1, body_text(body))
    keep_drafts(records, SETUP, run_id, [draft])
    close_drafts(records, SETUP, run_id, 1)
    issue_run(records, SETUP, run_id)
    return payer_ref


def test_coordination_sees_which_places_must_confirm_and_confirms_one(open_pages: Open, staff_town: Town) -> None:
    app = open_pages("coordination", "fin-de-mois")
    assert [title.value for title in app.title] == ["Fin de mois"]
    assert "à confirmer pour octobre 2026" in words(app)
    (button,) = [each for each in app.button if each.label.startswith("Confirmer octobre 2026 pour")]
    button.click().run()
    said = words(app)
    assert "confirmé pour" in said or "trou" in said  # a hole of a terminal is named, and holds the month


def test_finance_sees_the_provisional_month_and_asks_for_its_invoices(open_pages: Open, staff_town: Town) -> None:
    app = open_pages("finances", "fin-de-mois")
    assert list(metrics(app)) == ["Factures", "Montant", "En mairie", "Régularisations"]
    assert not [each for each in app.button if each.label.startswith("Confirmer")]
    app.checkbox[0].check().run()
    (button,) = [each for each in app.button if each.label == "Émettre les factures"]
    button.click().run()
    assert "La facturation est demandée" in words(app)
    job = month_end_job(staff_town.records, SETUP, OCTOBER)
    assert job is not None
    assert job.state == "waiting"


def test_invoice_shows_its_lines_and_its_cancellation_is_asked_from_there(
    open_pages: Open, staff_town: Town, billed: str
) -> None:
    app = open_pages("finances", "factures")
    said = words(app)
    assert metrics(app)["Montant"] == ("86,40\xa0€", "avant le 15/12/2026")
    assert "1 repas" in said
    assert "Aucune annulation n'attend de décision." in said
    (reason,) = [each for each in app.text_input if each.label == "Motif"]
    reason.set_value("Enfant jamais venu")
    (button,) = [each for each in app.button if each.label == "Demander l'annulation"]
    button.click().run()
    assert "Annulation demandée à l'administration." in words(app)
    (waiting,) = waiting_cancellations(staff_town.records, SETUP)
    assert (waiting.amount_cents, waiting.step) == (8_640, "asked")
    assert not [each for each in app.button if each.label == "Relayer aux finances"]


def test_finance_explains_a_line_and_asks_for_the_papers_of_a_month(
    open_pages: Open, staff_town: Town, billed: str
) -> None:
    app = open_pages("finances", "factures", mois="2026-10")
    said = words(app).replace("\xa0", " ")
    assert "Facture n° 2026-000001" in said
    assert "Prix : 86,40 €." in said
    (button,) = [each for each in app.button if each.label == "Mettre les factures en PDF"]
    button.click().run()
    assert "La mise en PDF est demandée" in words(app)
    job = invoice_pdfs_job(staff_town.records, SETUP, OCTOBER)
    assert job is not None
    assert job.state == "waiting"


def test_kitchen_opens_neither_page(open_pages: Open, staff_town: Town) -> None:
    for page in ("fin-de-mois", "factures"):
        assert [title.value for title in open_pages("cuisine", page).title] == [
            "Cette page ne vous est pas ouverte"
        ]
