"""What is wrong in a folder, by file, line and column, in French."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.french import typeset


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `line` counts the header, and is None for the whole file. `is_doubt`: it refuses nothing."""

    file: str
    line: int | None
    column: str | None
    code: str
    message: str
    is_doubt: bool = False

    def __str__(self) -> str:
        """Return « familles.csv, ligne 12, colonne nom : … »."""
        where = self.file
        where += f", ligne {self.line}" if self.line is not None else ""
        where += f", colonne {self.column}" if self.column is not None else ""
        return typeset(f"{where} : {self.message}")


@dataclass
class Faults:
    """The faults found so far, told in the order of files, lines and columns."""

    found: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Keep a fault."""
        self.found.append(fault)

    def told(self, columns: Mapping[str, Sequence[str]]) -> tuple[Fault, ...]:
        """Return every fault by file, line and column; `columns` gives the headers of each file, in order."""
        places = {name: place for place, name in enumerate(columns)}

        def order(fault: Fault) -> tuple[int, int, int]:
            headers = columns.get(fault.file, ())
            column = headers.index(fault.column) if fault.column in headers else -1
            return places.get(fault.file, -1), fault.line or 0, column

        return tuple(sorted(self.found, key=order))
