"""How the values of a request are read, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain.french import clock, short_date

KEPT_CHARACTERS = 4


def said(value: object) -> str | None:
    """Return a value in words, None when there is none."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "oui" if value else "non"
    return short_date(value) if isinstance(value, date) else str(value)


def joined(words: Iterable[str | None], by: str = ", ") -> str | None:
    """Return words one after the other, None when there are none."""
    return by.join(each for each in words if each) or None


def hours(start_minute: int | None, end_minute: int | None) -> str | None:
    """Return « de 8 h à 12 h », None without hours."""
    return None if start_minute is None or end_minute is None else f"de {clock(start_minute)} à {clock(end_minute)}"


def hidden_iban(end: str) -> str:
    """Return an IBAN of which only the end may be read."""
    return f"•••• {end[-KEPT_CHARACTERS:]}"
