"""Letters with one table as PDF: certificates and quotes (docs/adr/0022)."""

from __future__ import annotations

from datetime import date

from domain.statement_paper import StatementPaper
from exchanges.papers.typesetting import pdf


def statement_pdf(paper: StatementPaper, made_on: date) -> bytes:
    """Return the PDF of a statement: the same bytes for the same words and day."""
    return pdf("statement", paper.data(), made_on)
