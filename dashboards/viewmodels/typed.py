"""Amounts as staff type them: « 12,50 » becomes exact cents, never a float."""

from __future__ import annotations

import re
from decimal import Decimal

from domain.errors import InvalidData
from domain.french import typeset
from domain.money import to_cents

_AMOUNT = re.compile(r"\d{1,7}(,\d{1,2})?")


def typed_cents(text: str) -> int | None:
    """Return cents of « 12,50 » or « 12.50 € », None for nothing; raises InvalidData for anything else."""
    return _hundredths(text, "€")


def typed_percent_e4(text: str) -> int | None:
    """Return hundredths of a percent of « 33,33 % », None for nothing; raises InvalidData for anything else."""
    return _hundredths(text, "%")


def typed_amount(cents: int | None) -> str:
    """Return hundredths as people type them: « 12,50 »; nothing for None."""
    return "" if cents is None else f"{cents // 100},{cents % 100:02d}"


def _hundredths(text: str, sign: str) -> int | None:
    plain = re.sub(rf"[\s{re.escape(sign)}]", "", text).replace(".", ",")
    if not plain:
        return None
    if not _AMOUNT.fullmatch(plain):
        raise InvalidData(typeset(f"« {text.strip()} » n'est pas un nombre. Écrivez par exemple 12,50."))
    return to_cents(Decimal(plain.replace(",", ".")))
