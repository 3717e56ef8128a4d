"""An invoice as PDF: CPU of one, against typst compiling an empty page with the same standards and fonts.

Each invoice differs from the one before in names, amounts and days, so that nothing of it is remembered.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import typst

from domain.french import euros
from domain.invoice_paper import ChildPart, InvoicePaper
from exchanges.papers.typesetting import FOLDER, pdf
from tests.factories.papers import made_child, made_paper

INVOICES = 400
CHILDREN, SERVICES = (1, 2, 3, 4), 3  # 2.5 children each, as in the town of the issue
ISSUED_ON = date(2026, 12, 8)
EMPTY = b'#set document(title: "Rien")\n#set text(lang: "fr")\n#sys.inputs.d\n'


def main() -> None:
    """Make both kinds of page in turn, in parts."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(FOLDER / "fonts")])
    empty = typst.Compiler(font_paths=fonts)
    at = datetime(2026, 12, 8, 12, tzinfo=UTC)

    def make_empty(rank: int) -> bytes:
        made = empty.compile(
            EMPTY, format="pdf", sys_inputs={"d": str(rank)}, pdf_standards=["1.7", "ua-1"], timestamp=at
        )
        assert isinstance(made, bytes)
        return made

    papers = [_paper(rank).data() for rank in range(INVOICES)]
    pdf("invoice", _paper(INVOICES).data(), ISSUED_ON)  # fonts read, template parsed
    make_empty(INVOICES)
    invoice_ms, size = _cpu_ms(lambda rank: pdf("invoice", papers[rank], ISSUED_ON))
    empty_ms, _ = _cpu_ms(make_empty)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{INVOICES} invoices")
    figures = {
        "invoice_ms_cpu": round(invoice_ms, 2),
        "empty_page_ms_cpu": round(empty_ms, 2),
        "kilobytes": round(size / 1024),
        "peak_megabytes": round(memory),
    }
    ratios = {"invoice_over_empty_page": round(invoice_ms / empty_ms, 1)}
    print(json.dumps({"name": "invoice_pdf", "figures": figures, "ratios": ratios}))


def _cpu_ms(make: Callable[[int], bytes]) -> tuple[float, float]:
    """Return the CPU of one, user and system of all threads, in milliseconds, and its mean size in bytes."""
    began = time.process_time()
    size = sum(len(make(rank)) for rank in range(INVOICES))
    return (time.process_time() - began) * 1000 / INVOICES, size / INVOICES


def _paper(rank: int) -> InvoicePaper:
    paper = made_paper(
        tuple(_child(rank, place) for place in range(CHILDREN[rank % len(CHILDREN)])),
        f"2026-{rank:06d}",
        (f"Madame Claire FOURNIER-{rank}", f"{rank} rue des Lilas", "00000 VAL D’ORME"),
    )
    return replace(paper, box=replace(paper.box, amount=euros(10_000 + rank)))


def _child(rank: int, place: int) -> ChildPart:
    child = made_child(f"Léa {rank} {place}", SERVICES)
    rows = tuple(
        replace(row, amount=euros(rank * 7 + place * 100 + at), days=f"{row.days} ({rank % 30})")
        for at, row in enumerate(child.rows)
    )
    return replace(child, amount=euros(rank * 3 + place), rows=rows)


if __name__ == "__main__":
    main()
