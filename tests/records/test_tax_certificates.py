"""The yearly certificate: what was invoiced of each child for a year, and what was paid in it."""

from __future__ import annotations

import io
import re
from datetime import date

import pypdf
import pytest

from domain.errors import NotFound
from domain.french import NBSP
from domain.tax_certificate import certificate_paper
from exchanges.papers.statements import statement_pdf
from records.actors import SETUP
from records.database import Records
from records.operations.ledger import NewEntry, add_entries
from records.operations.tax_certificates import certificate_facts
from tests.factories.billing import DECEMBER, a_billing_town, an_issued_run
from tests.factories.bodies import a_body, a_day, a_group, a_whole_draft, an_adjustment
from tests.factories.people import a_family

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


def test_certificate_parts_care_from_meals_and_counts_only_the_days_of_the_year(billed: Records) -> None:
    paper = certificate_paper(certificate_facts(billed, SETUP, PAYER, 2026))

    assert [(row[1], row[2], plain(row[3])) for row in paper.rows] == [
        ("Cantine", "repas", "15,00 €"),
        ("Garderie", "garde", "30,00 €"),
    ]
    assert [plain(entry.amount) for entry in paper.totals] == ["30,00 €", "15,00 €", "40,00 €"]


def test_certificate_is_the_same_pdf_twice_and_says_its_figures(billed: Records) -> None:
    facts = certificate_facts(billed, SETUP, PAYER, 2026)
    paper = certificate_paper(facts)
    made = statement_pdf(paper, facts.made_on)
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages))

    assert statement_pdf(paper, facts.made_on) == made
    assert "Attestation de frais de garde 2026" in text
    assert [each for each in ("30,00 €", "15,00 €", "40,00 €") if each not in text] == []


def test_year_without_an_invoice_has_no_certificate(billed: Records) -> None:
    with pytest.raises(NotFound, match="Rien n'a été facturé"):
        certificate_facts(billed, SETUP, PAYER, 2024)
