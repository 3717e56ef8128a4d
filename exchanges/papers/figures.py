"""The monthly sheet for elected officials as PDF, one a month in MARELLE_HOME."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from domain.commune_figures import Told, figures_paper
from domain.invoice_sheet import Letterhead
from exchanges.papers.statements import statement_pdf

FOLDER = "elus"


def sheet_path(home: Path, month: date) -> Path:
    """Return where the sheet of a month is kept."""
    return home / FOLDER / f"elus-{month:%Y-%m}.pdf"


def sheet_pdf(shown: Told, month: date, made_on: date, letterhead: Letterhead) -> bytes:
    """Return the PDF of a month's sheet: the same bytes for the same figures and day."""
    return statement_pdf(figures_paper(shown, month, made_on, letterhead), made_on)


def keep_sheet(path: Path, content: bytes) -> None:
    """Write a sheet whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
