"""Invoices as papers and as PDF: the one way from what was frozen to what is read (docs/adr/0022)."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from domain.invoice_paper import InvoicePaper, PaymentCode
from domain.invoice_sheet import InvoiceFacts, invoice_paper
from exchanges.papers.datamatrix import datamatrix_svg
from exchanges.papers.typesetting import paper_key, pdf

FOLDER = "factures"
PRINT_FILE = "a-imprimer.pdf"
_TEMPLATE = "invoice"
_AT_THE_TOBACCONIST = (
    "Payable auprès d’un buraliste agréé, en espèces jusqu’à 300\u00a0€ ou par carte, avec ce code."
)


def paper_of(facts: InvoiceFacts) -> InvoicePaper:
    """Return the paper of an invoice, with its payment code when the town has one."""
    if not facts.payment_code:
        return invoice_paper(facts)
    said = f"Code de paiement de la facture n°\u00a0{facts.number}, à présenter chez un buraliste agréé"
    return invoice_paper(facts, PaymentCode(datamatrix_svg(facts.payment_code), _AT_THE_TOBACCONIST, said))


def invoice_pdf(home: Path, facts: InvoiceFacts) -> bytes:
    """Return the PDF of an invoice: the one made before, or the same bytes made now."""
    task = pdf_task(home, facts)
    return task.path.read_bytes() if task.path.exists() else task.made()


def month_folder(home: Path, month: date) -> Path:
    """Return the folder of a month's PDFs."""
    return home / FOLDER / f"{month:%Y-%m}"


def forget_papers(home: Path) -> int:
    """Delete every PDF kept of invoices: they still name whom a purge erased. Returns how many.

    What was frozen is in the records: each is made anew when somebody asks for it.
    """
    folder = home / FOLDER
    count = sum(1 for _ in folder.rglob("*.pdf"))
    shutil.rmtree(folder, ignore_errors=True)
    return count


@dataclass(frozen=True, slots=True)
class PdfTask:
    """A PDF to make: everything it needs, so that another process may make it. Its name tells what it says."""

    path: Path
    data: dict[str, Any]
    made_on: date

    def made(self) -> bytes:
        """Return the bytes of the PDF."""
        return pdf(_TEMPLATE, self.data, self.made_on)

    def write(self) -> None:
        """Write the PDF whole or not at all."""
        part = self.path.with_suffix(".part")
        part.write_bytes(self.made())
        part.replace(self.path)


def pdf_task(home: Path, facts: InvoiceFacts) -> PdfTask:
    """Return what makes the PDF of an invoice, whether it exists already or not."""
    data = paper_of(facts).data()
    key = paper_key(_TEMPLATE, data, facts.issued_on)
    return PdfTask(month_folder(home, facts.month) / f"{key}.pdf", data, facts.issued_on)
