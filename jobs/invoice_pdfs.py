"""The job `invoice_pdfs`: the PDF of every invoice of a month, and one file to print for those who asked for paper.

A PDF is named by what it says: a cut run makes only what is missing, and the same invoice never twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from domain.errors import InvalidData
from domain.french import month_name, number, typeset
from domain.invoice_sheet import InvoiceFacts
from exchanges.papers.invoices import PRINT_FILE, PdfTask, month_folder, pdf_task
from jobs.kinds import JobContext, Progress, Result
from jobs.month_end import month_asked
from records.actors import Actor, Right, program
from records.operations.invoice_papers import invoice_facts, invoices_of_month
from records.operations.jobs import INVOICE_PDFS

__all__ = ["INVOICE_PDFS", "PRINT_FILE", "make_pdfs"]

PRINTER: Actor = program("factures en PDF", Right.SEE_MONEY)
READ_AT_ONCE = 500
TASKS_AT_ONCE = 25
WORKERS = 2


def make_pdfs(context: JobContext) -> Result:
    """Make the PDFs of `arguments["month"]` (« 2026-11 »): how many there are, were made, and go to print.

    The file to print is sorted by address, each invoice beginning on a new sheet. PDFs of the month that say what
    no invoice says any more (a name or an address that changed) are deleted. Raises InvalidData without invoices.
    """
    month = month_asked(context.arguments.get("month"))
    numbers = invoices_of_month(context.records, PRINTER, month)
    if not numbers:
        raise InvalidData(
            typeset(
                f"Aucune facture pour {month_name(month)}. « marelle month issue » émet celles d'un mois confirmé."
            )
        )
    folder = month_folder(context.home, month)
    folder.mkdir(parents=True, exist_ok=True)
    tasks: list[PdfTask] = []
    on_paper: list[tuple[InvoiceFacts, Path]] = []
    for start in range(0, len(numbers), READ_AT_ONCE):
        for facts in invoice_facts(context.records, PRINTER, numbers[start : start + READ_AT_ONCE]):
            task = pdf_task(context.home, facts)
            tasks.append(task)
            if facts.wants_paper:
                on_paper.append((facts, task.path))
    missing = [task for task in tasks if not task.path.exists()]
    _make(missing, len(tasks), context.progress)
    _delete_others(folder, {task.path.name for task in tasks})
    pages = print_together([path for _, path in sorted(on_paper, key=_on_the_round)], folder / PRINT_FILE)
    return {
        "month": f"{month:%Y-%m}",
        "invoices": len(tasks),
        "made": len(missing),
        "on_paper": len(on_paper),
        "pages": pages,
        "folder": str(folder),
    }


def print_together(paths: Sequence[Path], into: Path) -> int:
    """Write PDFs one after the other, each on a new sheet even when both sides are printed; returns how many pages.

    Without any, the file of before goes: there is nothing to print.
    """
    if not paths:
        into.unlink(missing_ok=True)
        return 0
    together = PdfWriter()
    for path in paths:
        read = PdfReader(path)
        for page in read.pages:
            together.add_page(page)
        if len(read.pages) % 2:
            together.add_blank_page()
    part = into.with_suffix(".part")
    together.write(part)
    part.replace(into)
    return len(together.pages)


def _on_the_round(each: tuple[InvoiceFacts, Path]) -> tuple[tuple[str, ...], str]:
    return each[0].route, each[0].number


def _make(missing: Sequence[PdfTask], total: int, progress: Progress) -> None:
    """Make what is missing, in two processes when there is enough of it."""
    done = total - len(missing)
    for made in _made(missing):
        done += made
        progress(done / max(1, total), f"{number(done)} factures sur {number(total)} en PDF")


def _made(missing: Sequence[PdfTask]) -> Iterator[int]:
    parts = [missing[start : start + TASKS_AT_ONCE] for start in range(0, len(missing), TASKS_AT_ONCE)]
    if len(parts) < WORKERS:
        yield from map(_write, parts)
        return
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(_write, part) for part in parts]):
            yield future.result()


def _write(part: Sequence[PdfTask]) -> int:
    for task in part:
        task.write()
    return len(part)


def _delete_others(folder: Path, wanted: set[str]) -> None:
    for path in folder.iterdir():
        if path.name not in wanted and path.name != PRINT_FILE:
            path.unlink()
