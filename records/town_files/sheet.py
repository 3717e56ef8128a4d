"""The rows of one file once read: values by column, with the line each row came from."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from records.town_files.columns import NOW, SIGNATURE, FileColumn, TownFile
from records.town_files.faults import Fault, Faults
from records.town_files.kinds import Misread
from records.town_files.source import Source


@dataclass(frozen=True, slots=True)
class Stamps:
    """What stands in for an empty instant of recording, and for its signature."""

    now: int
    signature: str

    def of(self, default: Any) -> Any:
        """Return the value that stands for an empty one."""
        return self.now if default is NOW else self.signature if default is SIGNATURE else default


@dataclass
class Sheet:
    """One file: `values` by header, pointers as ids once resolved; row i has the id `first_id + i`.

    `bad` are the rows with a fault: the rules that compare rows leave them out, so that one mistake is told once.
    """

    file: TownFile
    faults: Faults
    lines: array[int] = field(default_factory=lambda: array("Q"))
    values: dict[str, list[Any]] = field(default_factory=dict)
    fields: dict[str, list[Any]] = field(default_factory=dict)
    bad: set[int] = field(default_factory=set)
    first_id: int = 1
    sha256: str | None = None

    def __len__(self) -> int:
        """Return how many rows were read."""
        return len(self.lines)

    def of(self, name: str) -> list[Any]:
        """Return the values of a field of the table, by row."""
        if name in self.fields:
            return self.fields[name]
        column = self.file.of_field(name)
        assert column is not None, name
        return self.values[column.name]

    def refuse(self, row: int, column: str | None, code: str, message: str) -> None:
        """Note a fault of a row."""
        self.bad.add(row)
        self.faults.add(Fault(self.file.file_name, self.lines[row], column, code, message))

    def doubt(self, row: int, column: str | None, code: str, message: str) -> None:
        """Note what somebody should look at, without refusing it."""
        self.faults.add(Fault(self.file.file_name, self.lines[row], column, code, message, is_doubt=True))

    def note(self, code: str, message: str, column: str | None = None) -> None:
        """Note a fault of the whole file."""
        self.faults.add(Fault(self.file.file_name, None, column, code, message))


def empty_sheet(file: TownFile, faults: Faults) -> Sheet:
    """Return the sheet of a file that is not in the folder: no row."""
    sheet = Sheet(file, faults)
    sheet.values = {column.name: [] for column in file.columns}
    return sheet


def read_sheet(file: TownFile, source: Source, faults: Faults, stamps: Stamps) -> Sheet:
    """Return the rows of a file, each value of its kind; what is not is a fault, and None in its place."""
    sheet = empty_sheet(file, faults)
    sheet.sha256 = source.sha256
    if not _columns_are_right(sheet, source.header):
        return sheet
    readers = [_Reader(sheet, column, stamps) for column in file.columns]
    places = {name: place for place, name in enumerate(source.header)}
    for lines, rows in source.chunks(faults):
        start = len(sheet)
        sheet.lines.extend(lines)
        for reader in readers:
            place = places.get(reader.column.name)
            texts = [""] * len(rows) if place is None else [row[place] for row in rows]
            sheet.values[reader.column.name] += reader.read(texts, start)
    return sheet


def _columns_are_right(sheet: Sheet, header: tuple[str, ...]) -> bool:
    """Note each column that is missing, unknown or given twice; without them all, no row is read."""
    known = [column.name for column in sheet.file.columns]
    found: list[tuple[str, str, str]] = []
    for column in sheet.file.columns:
        if column.name not in header and sheet.file.is_required(column):
            found.append(("missing_column", column.name, "Cette colonne manque."))
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            found.append(("double_column", name, "Cette colonne est donnée deux fois."))
        if name not in known:
            message = f"Colonne inconnue. Colonnes possibles : {', '.join(known)}."
            found.append(("unknown_column", name or "(vide)", message))
    for code, name, message in found:
        sheet.note(code, message, name)
    return not found


class _Reader:
    """Reads one column: a text met before is not read again, except where each one is different."""

    def __init__(self, sheet: Sheet, column: FileColumn, stamps: Stamps) -> None:
        self.sheet = sheet
        self.column = column
        self.is_required = sheet.file.is_required(column)
        self.length_max = sheet.file.length_max(column)
        self.empty = stamps.of(column.default)
        if column.default is None and column.field and not self.is_required:
            # A text that may be empty but never NULL.
            self.empty = None if sheet.file.sql(column.field).nullable else ""
        self.known: dict[str, Any] = {}

    def read(self, texts: Sequence[str], start: int) -> list[Any]:
        """Return the values of some rows, the first of which is number `start`."""
        known, is_open = self.known, self.column.kind.is_open
        found: list[Any] = []
        for offset, text in enumerate(texts):
            value = known.get(text)
            if value is None:
                value = self._value(text, start + offset)
                if value is not None and not is_open:
                    known[text] = value
            found.append(value)
        return found

    def _value(self, text: str, row: int) -> Any:
        text = text.strip()
        if not text:
            if self.is_required:
                self.sheet.refuse(row, self.column.name, "missing_value", "Cette valeur manque.")
                return None
            return self.empty
        try:
            value = self.column.kind.read(text)
        except Misread as misread:
            self.sheet.refuse(row, self.column.name, misread.code, misread.message)
            return None
        if self.length_max is not None and isinstance(value, str) and len(value) > self.length_max:
            message = f"{len(value)} caractères : {self.length_max} au plus."
            self.sheet.refuse(row, self.column.name, "too_long", message)
            return None
        return value
