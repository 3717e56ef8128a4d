"""Writing the rows of one file back, byte for byte the same each time: UTF-8 with its mark, « ; », CRLF, no clock.

Rows come in the order of their ids and an import gives ids in the order of rows: so the order stands.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import RowMapping

from records.town_files.columns import FileColumn, TownFile

SEPARATOR = ";"
# A spreadsheet then knows that the file is UTF-8.
MARK = "\ufeff"
_PRIVATE = 0o600

Texts = Mapping[int, tuple[str, ...]]


def write_file(file: TownFile, folder: Path, rows: Iterable[RowMapping], texts: dict[str, Texts]) -> str:
    """Write the rows of a file and keep in `texts` how others name them; returns the SHA-256 of the bytes.

    `texts` gives, by file and id, the written values of a key.
    """
    path = folder / file.file_name
    path.touch(mode=_PRIVATE)
    own: dict[int, tuple[str, ...]] = {}
    texts[file.name] = own
    writers = [_writer(file, column, texts) for column in file.columns]
    places = [place for name in file.key for place, column in enumerate(file.columns) if column.name == name]
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.write(MARK)
        writer = csv.writer(handle, delimiter=SEPARATOR, lineterminator="\r\n")
        writer.writerow([column.name for column in file.columns])
        for number, row in enumerate(rows, 1):
            cells = [write(row, number) for write in writers]
            if places:
                own[row["id"]] = tuple(cells[place] for place in places)
            writer.writerow(cells)
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _writer(file: TownFile, column: FileColumn, texts: Mapping[str, Texts]) -> Callable[[RowMapping, int], str]:
    """Return what writes one column of a row."""
    if column.name == file.number:
        return lambda _row, number: str(number)
    if column.field is None:
        return _joined(file, column, texts)
    name, write = column.field, column.kind.write
    if column.target is not None:
        target = texts[column.target]
        return lambda row, _number: "" if row[name] is None else target[row[name]][0]
    return lambda row, _number: "" if row[name] is None else write(row[name])


def _joined(file: TownFile, column: FileColumn, texts: Mapping[str, Texts]) -> Callable[[RowMapping, int], str]:
    """Return what writes a part of the key of the row that a join points at."""
    join = next(each for each in file.joins if column.name in each.columns)
    target, place = texts[join.target], join.columns.index(column.name)
    return lambda row, _number: target[row[join.field]][place]


def read_fields(file: TownFile) -> Sequence[str]:
    """Return the fields of the table that the file shows."""
    own = [column.field for column in file.columns if column.field is not None]
    return ["id", *own, *(join.field for join in file.joins)]
