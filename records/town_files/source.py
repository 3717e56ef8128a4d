"""From the bytes of a file to its header and its rows with their line numbers, whatever spreadsheet wrote it.

UTF-8 (with or without its mark) and Windows-1252; columns parted by ; , or tabulation. Lines are those that a text
editor shows: a value that holds a line break does not shift them.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from records.town_files.faults import Fault, Faults

CHUNK_ROWS = 20_000
BYTES_MAX = 2_000_000_000
_SEPARATORS = ";,\t"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# A value longer than the csv module's own limit is one whose quote never closes.
_UNCLOSED = "Un guillemet ouvert n'est jamais refermé avant la fin du fichier."


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read: its text, and the proof of its bytes."""

    name: str
    text: str
    sha256: str
    separator: str
    header: tuple[str, ...]

    def chunks(self, faults: Faults) -> Iterator[tuple[list[int], list[list[str]]]]:
        """Yield the lines and the rows, some thousands at a time; rows of another width are faults, left out."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.separator)
        next(reader, None)
        lines: list[int] = []
        rows: list[list[str]] = []
        width, before = len(self.header), reader.line_num
        try:
            for row in reader:
                line, before = before + 1, reader.line_num
                if len(row) == width:
                    lines.append(line)
                    rows.append(row)
                elif any(row):
                    faults.add(self._width(line, len(row)))
                if len(rows) >= CHUNK_ROWS:
                    yield lines, rows
                    lines, rows = [], []
        except csv.Error:
            faults.add(Fault(self.name, before + 1, None, "bad_quote", _UNCLOSED))
        yield lines, rows

    def _width(self, line: int, found: int) -> Fault:
        message = f"{found} colonnes au lieu de {len(self.header)}. Vérifiez les séparateurs et les guillemets."
        return Fault(self.name, line, None, "bad_width", message)


def read_source(path: Path, known: frozenset[str], faults: Faults) -> Source | None:
    """Return a file ready to be read, None (and a fault) when nothing can be read of it."""
    content = path.read_bytes()
    text = _decoded(path.name, content, faults)
    if text is None:
        return None
    first = text.partition("\n")[0].rstrip("\r")
    separator = max(_SEPARATORS, key=lambda each: len(known & set(_headers(first, each))))
    header = _headers(first, separator)
    if not any(header):
        faults.add(Fault(path.name, 1, None, "no_header", "La première ligne doit donner le nom des colonnes."))
        return None
    return Source(path.name, text, hashlib.sha256(content).hexdigest(), separator, header)


def _headers(line: str, separator: str) -> tuple[str, ...]:
    return tuple(each.strip().casefold() for each in next(csv.reader([line], delimiter=separator), []))


def _decoded(name: str, content: bytes, faults: Faults) -> str | None:
    if content.startswith(_UTF16) or b"\x00" in content[:4_096]:
        message = "Encodage non reconnu. Enregistrez le fichier en « CSV UTF-8 »."
        faults.add(Fault(name, None, None, "bad_encoding", message))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = "Ni UTF-8 ni Windows-1252 : un octet est illisible. Enregistrez le fichier en « CSV UTF-8 »."
        faults.add(Fault(name, line, None, "bad_encoding", message))
        return None
