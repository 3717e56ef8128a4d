"""What the tables themselves ask of every row: pointers that exist, keys given once, ranges and sums that hold.

All of it is read from the tables' own definitions, so a new constraint cannot be forgotten here.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint

from records.town_files.check_words import CHECK_WORDS
from records.town_files.columns import TownFile
from records.town_files.sheet import Sheet

Keys = Mapping[Any, int]
_IS_NULL = re.compile(r"(\w+) is null")
_EQUALS = re.compile(r"(\w+) = '(\w+)'")
_CODES = re.compile(r"\w+ in \('[^()]*'\)")
_CHECKED_AT_ONCE = 50_000


def keys_of(sheet: Sheet) -> dict[Any, int]:
    """Return the id of each row by its key; rows without one cannot be pointed at."""
    if not sheet.file.key:
        return {}
    found: dict[Any, int] = {}
    is_number = sheet.file.number is not None
    for place, key in enumerate(_tuples(sheet, sheet.file.key)):
        if key is not None:
            # Whoever points at a number writes it as text.
            found.setdefault(str(key) if is_number else key, sheet.first_id + place)
    return found


def resolve(sheet: Sheet, keys: Mapping[str, Keys]) -> None:
    """Put the id in place of each pointer's key; a key that no row has is a fault."""
    for column in sheet.file.columns:
        if column.target is not None:
            known = keys[column.target]
            values = sheet.values[column.name]
            sheet.values[column.name] = _resolved(sheet, column.name, values, known, column.target)
    for join in sheet.file.joins:
        given = list(_tuples(sheet, join.columns))
        sheet.fields[join.field] = _resolved(sheet, join.columns[-1], given, keys[join.target], join.target)


def _resolved(sheet: Sheet, column: str, values: Sequence[Any], known: Keys, target: str) -> list[Any]:
    found = [None if value is None else known.get(value) for value in values]
    for row, (value, row_id) in enumerate(zip(values, found, strict=True)):
        if row_id is None and value is not None:
            shown = value if isinstance(value, str) else "cette ligne" if isinstance(value, tuple) else str(value)
            message = f"Référence inconnue : « {shown} » n'est pas dans {target}.csv."
            sheet.refuse(row, column, "unknown_ref", message)
    return found


def _tuples(sheet: Sheet, names: Sequence[str]) -> Iterator[Any]:
    """Yield the key of each row: the value alone for one column, None when a part is missing."""
    if len(names) == 1:
        yield from sheet.values[names[0]]
        return
    for key in zip(*(sheet.values[name] for name in names), strict=True):
        yield None if None in key else key


def derive(sheet: Sheet) -> None:
    """Compute the fields that nobody writes."""
    values = {column.field: sheet.values[column.name] for column in sheet.file.columns if column.field is not None}
    for name, make in sheet.file.derived.items():
        sheet.fields[name] = make({**values, **sheet.fields})


def refuse_doubles(sheet: Sheet) -> None:
    """Note each row that repeats what may be given once: the table's unique keys, and the file's own number."""
    if sheet.file.number is not None:
        _doubles(sheet, [sheet.values[sheet.file.number]], (sheet.file.number,), lambda _row: True)
    given = {column.field for column in sheet.file.columns} | set(sheet.fields)
    for fields, wanted in unique_keys(sheet.file):
        if not set(fields) & set(sheet.file.derived) and set(fields) <= given:
            keep = _where(sheet, wanted)
            _doubles(sheet, [sheet.of(name) for name in fields], sheet.file.names_of(fields), keep)


def unique_keys(file: TownFile) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Yield the fields of each unique key of the table, with the condition under which it holds."""
    for constraint in file.table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield tuple(column.name for column in constraint.columns), None
    for index in file.table.indexes:
        if index.unique:
            where = index.dialect_options["sqlite"]["where"]
            yield tuple(column.name for column in index.columns), None if where is None else str(where)


def _where(sheet: Sheet, condition: str | None) -> Callable[[int], bool]:
    if condition is None:
        return lambda _row: True
    if is_null := _IS_NULL.fullmatch(condition):
        nulls = sheet.of(is_null[1])
        return lambda row: nulls[row] is None
    equals = _EQUALS.fullmatch(condition)
    assert equals is not None, condition
    values, wanted = sheet.of(equals[1]), equals[2]
    return lambda row: values[row] == wanted


def _doubles(
    sheet: Sheet, columns: Sequence[Sequence[Any]], names: tuple[str, ...], keep: Callable[[int], bool]
) -> None:
    first: dict[tuple[Any, ...], int] = {}
    for row, key in enumerate(zip(*columns, strict=True)):
        if None in key or not keep(row):
            continue
        before = first.setdefault(key, row)
        if before != row:
            what = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} et {names[-1]}"
            message = f"Déjà donné à la ligne {sheet.lines[before]} ({what})."
            sheet.refuse(row, names[0], "duplicate", message)


def checks_of(file: TownFile) -> dict[str, str]:
    """Return the table's CHECKs by name, those that list the codes of a column left out: their kind reads them."""
    found = {}
    for constraint in file.table.constraints:
        if isinstance(constraint, CheckConstraint):
            text = str(constraint.sqltext)
            if not _CODES.fullmatch(text):
                found[str(constraint.name).removeprefix(f"ck_{file.table.name}_")] = text
    return found


def refuse_unchecked(sheet: Sheet) -> None:
    """Note each row that the table's own CHECKs would refuse; SQLite computes them, aside, on the values read."""
    checks = checks_of(sheet.file)
    fields = _checked_fields(sheet.file, checks.values())
    if not checks or not len(sheet):
        return
    with closing(sqlite3.connect(":memory:")) as aside:
        aside.execute(f"create table rows_read (row_number integer primary key, {', '.join(fields)})")
        for start in range(0, len(sheet), _CHECKED_AT_ONCE):
            columns = [_plain(_given(sheet, name), start) for name in fields]
            numbers = range(start, min(start + _CHECKED_AT_ONCE, len(sheet)))
            marks = ", ".join("?" for _ in range(len(fields) + 1))
            aside.execute("delete from rows_read")
            statement = f"insert into rows_read values ({marks})"  # noqa: S608 (question marks)
            aside.executemany(statement, zip(numbers, *columns, strict=True))
            for name, condition in checks.items():
                _tell(sheet, aside, name, condition)


def _tell(sheet: Sheet, aside: sqlite3.Connection, name: str, condition: str) -> None:
    refused = f"select row_number from rows_read where not ({condition})"  # noqa: S608 (our own CHECK)
    for (row,) in aside.execute(refused).fetchall():
        if row not in sheet.bad:
            message = CHECK_WORDS[sheet.file.table.name, name]
            names = sheet.file.names_of(_checked_fields(sheet.file, [condition]))
            sheet.refuse(row, names[0] if names else None, "contradiction", message)


def _checked_fields(file: TownFile, conditions: Any) -> list[str]:
    words = {word for condition in conditions for word in re.findall(r"\w+", condition)}
    return [column.name for column in file.table.columns if column.name in words]


def _given(sheet: Sheet, name: str) -> Sequence[Any]:
    is_given = name in sheet.fields or sheet.file.of_field(name) is not None
    return sheet.of(name) if is_given else [None] * len(sheet)


def _plain(values: Sequence[Any], start: int) -> list[Any]:
    part = values[start : start + _CHECKED_AT_ONCE]
    return [value.isoformat() if isinstance(value, date) else value for value in part]
