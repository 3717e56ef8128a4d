"""A paper that is a letter with one table: a yearly certificate, the quote of a prise en charge."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from domain.invoice_paper import Entry, Part, Sender


@dataclass(frozen=True, slots=True)
class StatementPaper:
    """A statement, ready to be laid out: the last columns are figures, the first is words."""

    title: str
    lead: str
    footer: str
    sender: Sender
    recipient: tuple[str, ...]
    intro: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[Entry, ...]
    parts: tuple[Part, ...]
    is_specimen: bool = False

    def data(self) -> dict[str, Any]:
        """Return it as the template of the paper reads it."""
        return asdict(self)
