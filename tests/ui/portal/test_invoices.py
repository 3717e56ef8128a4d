"""« Mes factures »: the list, one invoice and its PDF, for those who pay it and for nobody else."""

import io
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from domain.french import NBSP
from tests.ui.invoicing import CLAIRES, NORAS, issue_november
from tests.ui.portal.browsing import Browser, links
from tests.ui.portal.conftest import SignIn
from tests.ui.town import Town
from warehouse.snapshot import folder

Read = Callable[[str], str]
CLAIRE, NORA, SAMIR = "claire@exemple.test", "nora@exemple.test", "samir@exemple.test"


@pytest.fixture
def invoiced(town: Town) -> Town:
    issue_november(town.records)
    return town


def own_href(browser: Browser) -> str:
    """Return the address of the reader's only invoice."""
    (href,) = (href for href in links(browser.get("/factures")) if href.startswith("/factures/"))
    return href


def test_list_says_the_month_the_amount_and_the_due_day(invoiced: Town, sign_in: SignIn, read: Read) -> None:
    sign_in(CLAIRE)
    page = read("/factures")
    assert "Novembre 2026" in page
    assert "30,80 €" in page
    assert "à payer avant le 15 janvier 2027" in page
    assert f"N° {CLAIRES}" in page
    assert NORAS not in page


def test_list_without_an_invoice_says_what_comes(town: Town, sign_in: SignIn, read: Read) -> None:
    sign_in(CLAIRE)
    assert "Aucune facture pour le moment." in read("/factures")


def test_guardian_who_pays_nothing_is_told_who_does(invoiced: Town, sign_in: SignIn, read: Read) -> None:
    sign_in(SAMIR)
    assert "Les factures vont à un autre payeur." in read("/factures")


def test_invoice_shows_each_child_each_day_and_what_was_corrected(
    invoiced: Town, portal: Browser, sign_in: SignIn, read: Read
) -> None:
    sign_in(CLAIRE)
    page = read(own_href(portal))
    assert "<h1>Facture de novembre 2026</h1>" in page
    assert "8 repas × 2,80 €" in page
    assert "2, 3, 5, 6, 9, 10, 12 et 13 novembre" in page
    assert "13/10/2026, corrigée" in page
    assert "SPÉCIMEN" in page
    assert "Inès" not in page


def test_each_day_leads_to_its_reason(invoiced: Town, portal: Browser, sign_in: SignIn) -> None:
    sign_in(CLAIRE)
    hrefs = sorted(href for href in links(portal.get(own_href(portal))) if href.startswith("/lignes/"))
    assert len(hrefs) == 12
    assert hrefs[0] == "/lignes/lea~cantine~2026-11-02~meal~payeur-claire"


def test_line_that_was_billed_and_is_there_no_more_still_explains_itself(
    invoiced: Town, portal: Browser, sign_in: SignIn, read: Read, tmp_path: Path, compiled_models: Path
) -> None:
    folder(tmp_path).symlink_to(compiled_models)
    sign_in(CLAIRE)
    # That Friday is now one of Paul's days: Claire has no such line any more.
    page = read("/lignes/lea~cantine~2026-11-13~meal~payeur-claire")
    assert "Sur vos factures" in page
    assert f"Facture n° {CLAIRES} du 24 novembre 2026 : 1 repas, 2,80 €." in page
    assert "Quotient familial : 742" in page


def test_line_that_stands_shows_what_was_invoiced_of_it(
    invoiced: Town, portal: Browser, sign_in: SignIn, read: Read, tmp_path: Path, compiled_models: Path
) -> None:
    folder(tmp_path).symlink_to(compiled_models)
    sign_in(CLAIRE)
    page = read("/lignes/noe~cantine~2026-11-03~meal~payeur-claire")
    assert "Le calcul" in page
    assert f"Facture n° {CLAIRES} du 24 novembre 2026 : 1 repas, 2,80 €." in page
    assert "Rien n'a changé depuis." in page


def test_pdf_and_page_say_the_same_figures(invoiced: Town, portal: Browser, sign_in: SignIn, read: Read) -> None:
    sign_in(CLAIRE)
    href = own_href(portal)
    answer = portal.get(f"{href}/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert f"facture-{CLAIRES}.pdf" in answer.headers["content-disposition"]
    (sheet,) = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    text, page = sheet.extract_text().replace(NBSP, " "), read(href)
    figures = ("22,40 €", "11,20 €", "− 2,80 €", "30,80 €", "15 janvier 2027")
    assert [figure for figure in figures if figure not in text] == []
    assert [figure for figure in figures if figure not in page] == []


@pytest.mark.parametrize("suffix", ["", "/pdf"])
def test_invoice_of_another_payer_does_not_exist(
    invoiced: Town, portal: Browser, sign_in: SignIn, suffix: str
) -> None:
    sign_in(CLAIRE)
    hers = own_href(portal) + suffix
    assert portal.get(hers).status_code == 200
    portal.cookies.clear()
    sign_in(NORA)
    refused, invented = portal.get(hers), portal.get(f"/factures/2026-000009-0123456789{suffix}")
    assert (refused.status_code, invented.status_code) == (404, 404)
    assert "Léa" not in refused.text


def test_number_alone_leads_nowhere(invoiced: Town, portal: Browser, sign_in: SignIn) -> None:
    sign_in(CLAIRE)
    assert portal.get(f"/factures/{CLAIRES}").status_code == 404
    assert portal.get(f"/factures/{CLAIRES}-{'0' * 20}").status_code == 404


def test_nobody_reads_an_invoice_without_logging_in(invoiced: Town, portal: Browser, sign_in: SignIn) -> None:
    sign_in(CLAIRE)
    href = own_href(portal)
    portal.cookies.clear()
    assert portal.get(f"{href}/pdf").status_code == 303
