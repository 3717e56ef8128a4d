"""A letter as people read it: what happened, and what its reader has to do next."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from domain.invoice_paper import Sender


@dataclass(frozen=True, slots=True)
class LetterPaper:
    """A letter, ready to be laid out."""

    title: str
    lead: str
    footer: str
    sender: Sender
    recipient: tuple[str, ...]
    paragraphs: tuple[str, ...]
    is_specimen: bool = False

    def data(self) -> dict[str, Any]:
        """Return it as the template of the paper reads it."""
        return asdict(self)
