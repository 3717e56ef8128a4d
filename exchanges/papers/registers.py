"""Papers of titled tables as PDF: declarations, registers (docs/adr/0022)."""

from __future__ import annotations

from datetime import date

from domain.register_paper import RegisterPaper
from exchanges.papers.typesetting import pdf


def register_pdf(paper: RegisterPaper, made_on: date) -> bytes:
    """Return the PDF of a register: the same bytes for the same words and day."""
    return pdf("register", paper.data(), made_on)
