"""What is wrong in a folder, by file, line and column, in French."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.french import typeset


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `line` is that of the file, header included, None for the whole file. `is_doubt`: it refuses nothing."""

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
    """The faults found so far, in the order of files and lines when they are told."""

    found: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Keep a fault."""
        self.found.append(fault)

    def told(self) -> tuple[Fault, ...]:
        """Return every fault by file then line; those of a whole file first."""
        places: dict[str, int] = {}
        for fault in self.found:
            places.setdefault(fault.file, len(places))
        return tuple(sorted(self.found, key=lambda each: (places[each.file], each.line or 0)))

    def refusing(self) -> Iterator[Fault]:
        """Yield the faults that refuse the import."""
        return (each for each in self.found if not each.is_doubt)
