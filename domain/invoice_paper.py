"""An invoice as people read it: the same words and figures on paper, on the portal and on staff pages.

Everything is text already typeset: whoever shows it computes nothing and rounds nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the town's name, then lines such as its service, address and telephone."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """What must be seen first: what to do and until when, by which means, and how much."""

    headline: str
    lines: tuple[str, ...]
    amount: str


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One service of a child at one price; `days` names each day that is counted."""

    label: str
    quantity: str
    price: str
    amount: str
    days: str


@dataclass(frozen=True, slots=True)
class ChildPart:
    """A child with what each service comes to."""

    name: str
    detail: str
    amount: str
    rows: tuple[PaperRow, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that belongs to no child's month: a régularisation, what bodies pay, what was carried, a balance."""

    name: str
    text: str
    amount: str


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph under the figures, with the words it begins with."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """The code that a tobacconist reads, as SVG, what it is for, and what is said to those who do not see it.

    Empty when the town has no such code: its place then says nothing.
    """

    svg: str = ""
    text: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class InvoicePaper:
    """An invoice, ready to be laid out; `is_specimen` marks what a training base prints."""

    title: str
    lead: str
    footer: str
    sender: Sender
    recipient: tuple[str, ...]
    box: Box
    children: tuple[ChildPart, ...]
    entries: tuple[Entry, ...]
    total: Entry
    parts: tuple[Part, ...]
    code: PaymentCode = PaymentCode()
    is_specimen: bool = False

    def data(self) -> dict[str, Any]:
        """Return it as the template of the paper reads it."""
        return asdict(self)
