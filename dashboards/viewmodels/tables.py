"""Tables of figures, once for the screen and once for a French spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from exchanges.spreadsheets import Cell as Cell  # pages take it from here
from exchanges.spreadsheets import french_csv


class Marked(str):
    """Text that holds Markdown of ours (a coloured sign); any other text is shown as it is, whatever it holds."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, rows and a last row of totals (empty when a sum would mean nothing).

    `at_right` are the columns that hold figures in words, with their unit: they stand at right as figures do.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...] = ()
    at_right: tuple[int, ...] = ()

    def all_rows(self) -> tuple[tuple[Cell, ...], ...]:
        """Return the rows, the totals last."""
        return (*self.rows, self.totals) if self.totals else self.rows

    def first(self, count: int) -> Table:
        """Return the first rows, without totals."""
        return Table(self.columns, self.rows[:count], at_right=self.at_right)

    def after(self, count: int) -> Table:
        """Return the other rows, without totals."""
        return Table(self.columns, self.rows[count:], at_right=self.at_right)


def to_csv(table: Table) -> bytes:
    """Return the table for a French spreadsheet, its totals last."""
    return french_csv(table.columns, table.all_rows())


def totals_of(label: str, rows: Sequence[tuple[Cell, ...]], numbers_from: int) -> tuple[Cell, ...]:
    """Return a row of totals: a label, blanks, then the sum of each column from `numbers_from` on."""
    if not rows:
        return ()
    width = len(rows[0])
    sums = [sum((_number(row[column]) for row in rows), 0) for column in range(numbers_from, width)]
    return (label, *([""] * (numbers_from - 1)), *sums)


def _number(cell: Cell) -> int | Decimal:
    if isinstance(cell, str):
        raise TypeError(f"« {cell} » is not a figure")
    return cell
