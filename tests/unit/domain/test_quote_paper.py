"""The quote of a prise en charge as a paper."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pypdf

from domain.french import NBSP
from domain.invoice_paper import Sender
from domain.invoice_sheet import Letterhead
from domain.quote_paper import QuoteFacts, QuoteRow, quote_paper
from exchanges.papers.statements import statement_pdf

MADE_ON = date(2026, 11, 24)


def a_quote(unpriced: int = 0) -> QuoteFacts:
    """Two days of 30,00 €, 20,00 € of each paid by the body."""
    rows = [QuoteRow(date(2026, 12, day), "Mercredis", 3_000, 2_000, 1_000) for day in (2, 9)]
    days = date(2026, 12, 1), date(2026, 12, 31)
    letterhead = Letterhead(Sender("Val d'Orme", ("1 place du Marché",)))
    return QuoteFacts("PEC-1", "Département", "Léa Fournier", *days, MADE_ON, rows, 6_000, unpriced, letterhead)


def test_quote_sums_what_the_body_and_the_family_would_pay() -> None:
    totals = {entry.name: (entry.amount + entry.text).replace(NBSP, " ") for entry in quote_paper(a_quote()).totals}

    assert totals == {
        "Prix": "60,00 €",
        "Pris en charge": "40,00 € par Département",
        "Famille": "20,00 €, au lieu de 60,00 €",
    }


def test_quote_names_what_it_leaves_out() -> None:
    assert quote_paper(a_quote(unpriced=2)).parts[0].text.replace(NBSP, " ").startswith("2 lignes sans prix")
    assert len(quote_paper(a_quote()).parts) == 1


def test_quote_as_pdf_is_a_tagged_table_with_every_day() -> None:
    read = pypdf.PdfReader(io.BytesIO(statement_pdf(quote_paper(a_quote()), MADE_ON)))
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in read.pages))

    assert [
        each for each in ("02/12/2026, Mercredis", "09/12/2026", "Département", "40,00 €") if each not in text
    ] == []
    root: Any = read.trailer["/Root"]
    assert "/StructTreeRoot" in root
