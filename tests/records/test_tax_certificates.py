"""The yearly certificate: what was paid in a year, of each child's care and meals."""

from __future__ import annotations

import io
import re
from datetime import date

import pypdf
import pytest
from sqlalchemy import select

from domain.errors import NotFound
from domain.french import NBSP
from domain.tax_certificate import certificate_paper
from exchanges.papers.statements import statement_pdf
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import Payer
from records.operations.ledger import NewEntry, add_entries
from records.operations.tax_certificates import (
    MyCertificate,
    certificate_facts,
    my_certificate,
    my_certificates,
)
from tests.factories.billing import DECEMBER, a_billing_town, an_issued_run
from tests.factories.bodies import a_body, a_day, a_group, a_whole_draft, an_adjustment
from tests.factories.people import a_family
from tests.factories.town import HandClock

PAYER = "fournier-adulte-1-payeur"


@pytest.fixture
def billed(town: Records) -> Records:
    """November: care of 30,00 € and meals of 20,00 €, 5,00 € of which were given back with December."""
    family = a_family(town)
    a_billing_town(town)
    care = a_group(
        family.child,
        [a_day("2026-11-03", 3_000, kind="care")],
        service="soir",
        service_label="Garderie",
        unit="hour",
    )
    november = a_body([a_group(family.child, [a_day("2026-11-03", 2_000)]), care])
    december = a_body(
        [a_group(family.child, [a_day("2027-01-05", 4_000)])],
        [an_adjustment(family.child, "2026-11-03", 2_000, 1_500)],
    )
    an_issued_run(town, [a_whole_draft(PAYER, november)])
    an_issued_run(town, [a_whole_draft(PAYER, december)], DECEMBER)
    paid = [(date(2026, 12, 20), -4_000), (date(2027, 1, 4), -500)]
    add_entries(town, SETUP, [NewEntry(PAYER, "payment", cents, "Carte", day) for day, cents in paid])
    return town


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def test_certificate_tells_what_was_paid_in_the_year_by_nature_the_oldest_invoice_first(billed: Records) -> None:
    """40,00 € paid of the 50,00 € of November: four fifths of its care and of its meals."""
    paper = certificate_paper(certificate_facts(billed, SETUP, PAYER, 2026))

    assert [(row[1], row[2], plain(row[3])) for row in paper.rows] == [
        ("Cantine", "repas", "16,00 €"),
        ("Garderie", "garde", "24,00 €"),
    ]
    assert [plain(entry.amount) for entry in paper.totals] == ["24,00 €", "16,00 €", "40,00 €"]


def test_what_pays_a_balance_taken_over_or_comes_ahead_is_of_no_line(billed: Records) -> None:
    entries = [
        NewEntry(PAYER, "opening", 1_500, "Solde repris", date(2026, 9, 1)),
        NewEntry(PAYER, "payment", -10_000, "Chèque", date(2026, 12, 30)),
    ]
    add_entries(billed, SETUP, entries)
    paper = certificate_paper(certificate_facts(billed, SETUP, PAYER, 2026))

    named = sum(int(plain(row[3]).replace(",", "").replace(" €", "")) for row in paper.rows)
    other, whole = (plain(entry.amount) for entry in paper.totals[2:])
    assert whole == "140,00 €"
    assert other == f"{(14_000 - named) // 100},{(14_000 - named) % 100:02d} €"
    assert 14_000 - named >= 1_500


def test_a_payer_reads_their_own_certificates_of_the_years_that_are_over(billed: Records, clock: HandClock) -> None:
    with billed.read() as session:
        person_id = session.scalars(select(Payer.person_id).where(Payer.ref == PAYER)).one()
    mine = Actor("Anne", (Grant("family"),), person_id=person_id)
    assert person_id is not None
    another = Actor("Autre", (Grant("family"),), person_id=person_id + 1)
    assert my_certificates(billed, mine) == []
    clock.set(480, date(2027, 2, 1))
    assert my_certificates(billed, mine) == [MyCertificate(PAYER, 2026)]
    assert my_certificate(billed, mine, PAYER, 2026) == certificate_facts(billed, SETUP, PAYER, 2026)
    for actor, year in ((mine, 2025), (mine, 2027), (another, 2026)):
        with pytest.raises(NotFound, match="Aucun versement"):
            my_certificate(billed, actor, PAYER, year)


def test_certificate_is_the_same_pdf_twice_and_says_its_figures(billed: Records) -> None:
    facts = certificate_facts(billed, SETUP, PAYER, 2026)
    paper = certificate_paper(facts)
    made = statement_pdf(paper, facts.made_on)
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages))

    assert statement_pdf(paper, facts.made_on) == made
    assert "Attestation de frais de garde 2026" in text
    assert [each for each in ("24,00 €", "16,00 €", "40,00 €") if each not in text] == []


def test_year_without_a_payment_has_no_certificate(billed: Records) -> None:
    with pytest.raises(NotFound, match="Aucun versement"):
        certificate_facts(billed, SETUP, PAYER, 2024)
