"""A paper of several titled tables: a declaration to type from, registers of attendance, parameters used."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from domain.invoice_paper import Part, Sender


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table of finished text; `numbers_from` is the first column of figures, `total` its last row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers_from: int
    note: str = ""
    total: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterPaper:
    """A paper ready to be laid out: what it states first, its sections one after the other, then its proofs."""

    title: str
    lead: str
    footer: str
    sender: Sender
    sections: tuple[Section, ...]
    parts: tuple[Part, ...] = ()
    is_specimen: bool = False
    first_parts: tuple[Part, ...] = ()

    def data(self) -> dict[str, Any]:
        """Return it as the template of the paper reads it."""
        return asdict(self)
