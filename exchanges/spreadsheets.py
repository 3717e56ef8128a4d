"""A CSV that a French spreadsheet opens as it is: its accents, its decimals, and no formula in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from domain.french import MINUS, NBSP

Cell = str | int | Decimal
BYTE_ORDER_MARK = "\ufeff"  # without it a French Excel reads « Ã© »
# A spreadsheet would run what begins with one of these, if it is no number.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(f"(?:-|{MINUS}{NBSP})?(?:[0-9]+|[0-9]{{1,3}}(?:{NBSP}[0-9]{{3}})+)(?:,[0-9]+)?")


def french_csv(columns: Sequence[str], rows: Iterable[Iterable[Cell]]) -> bytes:
    """Return the rows under their columns: UTF-8 with its mark, « ; », decimal comma, CRLF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _cell(cell: Cell) -> str:
    """Return a cell that a spreadsheet reads: no formula, and no space in a number, which it could not add up."""
    if isinstance(cell, Decimal):
        return str(cell).replace(".", ",")
    text = str(cell)
    if _NUMBER.fullmatch(text):
        return text.replace(MINUS, "-").replace(NBSP, "")
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
