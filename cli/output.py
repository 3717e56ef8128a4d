"""What commands print: tables for people, JSON or CSV for programs, a progress bar on a terminal only."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.french import number, short_date, typeset

# In a pipe nothing is cut or wrapped: whoever reads has no width.
PIPE_COLUMNS = 4_000

Row = Mapping[str, Any]
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the key in the row, its French title, and how a value reads."""

    key: str
    title: str
    text: Callable[[Any], str] | None = None
    is_right: bool = False


def print_line(text: str = "") -> None:
    """Print one line for people."""
    print(typeset(text))


def print_rows(rows: Sequence[Row], columns: Sequence[Column], *, as_json: bool, empty: str) -> None:
    """Print rows as a table, or as a JSON array of objects; `empty` says in words that there are none."""
    if as_json:
        print_json([{column.key: row.get(column.key) for column in columns} for row in rows])
    elif rows:
        print_table(rows, columns)
    else:
        print_line(empty)


def print_table(rows: Iterable[Row], columns: Sequence[Column]) -> None:
    """Print a table that fits the terminal, and is never cut in a pipe."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(Text(typeset(column.title)), justify="right" if column.is_right else "left")
    for row in rows:
        table.add_row(*(Text((column.text or as_text)(row.get(column.key))) for column in columns))
    Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS, highlight=False).print(table)


def print_json(value: Any) -> None:
    """Print a value as JSON on one line an object, exact and readable by any program."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def print_csv(rows: Iterable[Row], keys: Sequence[str]) -> None:
    """Print rows as CSV with a header."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(keys)
    writer.writerows([_csv(row.get(key)) for key in keys] for row in rows)


def as_text(value: Any) -> str:
    """Return a value as people read it; unknown is said, never blank (look notes §6)."""
    if value is None:
        return "inconnu"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | Decimal):
        return number(value, max(0, -int(Decimal(value).as_tuple().exponent)))
    if isinstance(value, date) and not isinstance(value, datetime):
        return short_date(value)
    return str(value)


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """Yield a callback `(share 0 to 1, what)`; it draws a bar on a terminal and nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _share, _what: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Bar(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share, what: bar.update(task, completed=share, description=typeset(what or title))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        # A JSON number: Python writes the shortest text, so amounts and rates keep their digits.
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _csv(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return value.isoformat() if isinstance(value, date | datetime) else value
