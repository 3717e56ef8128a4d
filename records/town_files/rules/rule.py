"""What a rule is: a check of some rows against others, with the sentence that tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from domain.errors import InvalidData
from domain.french import short_date
from domain.schedule import in_force
from records.operations.versions import overlap
from records.town_files.sheet import Sheet

_UNCHANGED = " Rien n'a été enregistré."
Range = tuple[date, date | None]


@dataclass
class Town:
    """Every sheet of the folder by name, pointers resolved."""

    sheets: Mapping[str, Sheet]
    shared: dict[int, list[tuple[date, frozenset[int]]]] | None = None
    _kept: dict[str, dict[int, int]] = field(default_factory=dict)

    def kept(self, name: str) -> dict[int, int]:
        """Return, for each row merged into another, the one kept at the end."""
        if name not in self._kept:
            sheet = self.sheets[name]
            into = sheet.of("merged_into_id")
            merged = {sheet.first_id + row: kept for row, kept in enumerate(into) if kept is not None}
            self._kept[name] = {row: _last(merged, row) for row in merged}
        return self._kept[name]

    def is_gone(self, name: str, row: int) -> bool:
        """Return whether a row was merged into another or anonymised: no rule asks anything of it any more."""
        sheet = self.sheets[name]
        return sheet.of("merged_into_id")[row] is not None or sheet.of("anonymised_at")[row] is not None

    def is_sound(self, name: str, row_id: int) -> bool:
        """Return whether the row of an id has no fault of its own: only then may another be held against it."""
        sheet = self.sheets[name]
        return row_id - sheet.first_id not in sheet.bad

    def value(self, name: str, field_name: str, row_id: int) -> Any:
        """Return a field of the row of an id."""
        sheet = self.sheets[name]
        return sheet.of(field_name)[row_id - sheet.first_id]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: its French sentence, and what looks for its faults."""

    name: str
    sentence: str
    check: Callable[[Town, Sheet], None]


RULES: dict[str, Rule] = {}


def rule(name: str, sentence: str) -> Callable[[Callable[[Town, Sheet], None]], Callable[[Town, Sheet], None]]:
    """Declare a rule, looked up by the files that name it."""

    def declare(check: Callable[[Town, Sheet], None]) -> Callable[[Town, Sheet], None]:
        RULES[name] = Rule(name, sentence, check)
        return check

    return declare


def rows_of(sheet: Sheet, *fields: str) -> Iterator[tuple[Any, ...]]:
    """Yield (row, values…) of the rows without a fault."""
    bad = sheet.bad
    for row, values in enumerate(zip(*(sheet.of(name) for name in fields), strict=True)):
        if row not in bad:
            yield row, *values


def grouped(sheet: Sheet, *fields: str) -> dict[Any, list[int]]:
    """Return the rows without a fault by the values of some fields."""
    found: dict[Any, list[int]] = {}
    for row, *key in rows_of(sheet, *fields):
        found.setdefault(key[0] if len(key) == 1 else tuple(key), []).append(row)
    return found


def refusal(check: Callable[..., object], *arguments: Any) -> str | None:
    """Return what a check of the operations says against some values, None when it lets them pass."""
    try:
        check(*arguments)
    except InvalidData as invalid:
        return invalid.message.removesuffix(_UNCHANGED)
    return None


def refuse_overlaps(sheet: Sheet, what: str, *fields: str) -> None:
    """Note each row whose dates share a day with another of the same key."""
    starts, ends = sheet.of("valid_from"), sheet.of("valid_to")
    for rows in grouped(sheet, *fields).values():
        if len(rows) > 1:
            for before, after in pairwise(sorted(rows, key=lambda row: starts[row])):
                if overlap((starts[before], ends[before]), (starts[after], ends[after])):
                    sheet.refuse(after, "debut", "overlap", _shared(sheet, what, before, after))


def _shared(sheet: Sheet, what: str, before: int, after: int) -> str:
    day = short_date(sheet.of("valid_from")[after])
    return f"{what} : cette période et celle de la ligne {sheet.lines[before]} se chevauchent au {day}."


def in_force_somewhere(town: Town, service_id: int, structure_id: int, day: date) -> bool:
    """Return whether a service is offered at a place on a day."""
    return any(
        in_force(day, start, end)
        for _, service, structure, start, end in rows_of(
            town.sheets["services_lieux"], "service_id", "structure_id", "valid_from", "valid_to"
        )
        if (service, structure) == (service_id, structure_id)
    )


def in_force_at(versions: Sequence[tuple[date, Any]], day: date) -> Any:
    """Return the last of some dated versions, in order, that began by a day; None before the first."""
    found = None
    for start, value in versions:
        if start <= day:
            found = value
    return found


def _last(merged: Mapping[int, int], row: int) -> int:
    seen = set()
    while row in merged and row not in seen:
        seen.add(row)
        row = merged[row]
    return row
