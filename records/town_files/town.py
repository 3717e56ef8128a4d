"""Reading and checking a whole folder: every sheet with its pointers resolved, and every fault of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from records.town_files.checking import derive, keys_of, refuse_doubles, refuse_unchecked, resolve
from records.town_files.declared import BY_NAME, FILES
from records.town_files.faults import Fault, Faults
from records.town_files.rules import RULES
from records.town_files.rules.rule import Town
from records.town_files.sheet import Sheet, Stamps, empty_sheet, read_sheet
from records.town_files.source import read_source

Progress = Callable[[float, str], None]
_CSV = ".csv"


def read_town(
    folder: Path, stamps: Stamps, known: Mapping[str, Mapping[Any, int]], progress: Progress
) -> tuple[Town, Faults]:
    """Return what a folder holds, and every fault of it.

    `known` are the ids that the records hold already, by file and key: rows of the folder may point at them.
    """
    faults = Faults()
    sizes = _sizes(folder, faults)
    total = sum(sizes.values()) or 1
    done = 0
    sheets: dict[str, Sheet] = {}
    keys: dict[str, dict[Any, int]] = {}
    for file in FILES:
        progress(done / total, f"Lecture de {file.file_name}")
        path = folder / file.file_name
        sheet = _read(path, stamps, faults) if file.file_name in sizes else empty_sheet(file, faults)
        _settle(sheet, keys, known)
        sheets[file.name] = sheet
        done += sizes.get(file.file_name, 0)
    town = Town(sheets)
    for file in FILES:
        progress(1.0, f"Contrôle de {file.file_name}")
        for name in file.rules:
            RULES[name].check(town, sheets[file.name])
    return town, faults


def _sizes(folder: Path, faults: Faults) -> dict[str, int]:
    """Return the size of each file that we know; another CSV file is a fault, whatever is no CSV is left alone."""
    known = {file.file_name for file in FILES}
    found = {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.suffix.lower() == _CSV}
    for name in found.keys() - known:
        message = "Fichier inconnu : voir la liste dans docs/import.md. Corrigez son nom, ou ôtez-le."
        faults.add(Fault(name, None, None, "unknown_file", message))
    if not found.keys() & known:
        faults.add(
            Fault(folder.name, None, None, "empty_folder", "Ce dossier ne contient aucun fichier à importer.")
        )
    return {name: size for name, size in found.items() if name in known}


def _read(path: Path, stamps: Stamps, faults: Faults) -> Sheet:
    file = BY_NAME[path.stem]
    source = read_source(path, frozenset(column.name for column in file.columns), faults)
    return empty_sheet(file, faults) if source is None else read_sheet(file, source, faults, stamps)


def _settle(sheet: Sheet, keys: dict[str, dict[Any, int]], known: Mapping[str, Mapping[Any, int]]) -> None:
    """Give ids to the rows, resolve what they point at, and hold them against their table."""
    name = sheet.file.name
    others = known.get(name, {})
    sheet.first_id = max(others.values(), default=0) + 1
    if name in _LATE_KEYS:
        # The key itself holds a pointer: it is known once that is resolved.
        resolve(sheet, keys)
    keys[name] = {**keys_of(sheet), **others}
    _refuse_known(sheet, others)
    if name not in _LATE_KEYS:
        resolve(sheet, keys)
    derive(sheet)
    refuse_doubles(sheet)
    refuse_unchecked(sheet)


def _refuse_known(sheet: Sheet, others: Mapping[Any, int]) -> None:
    """Note each row whose key the records hold already."""
    if others and sheet.file.number is None:
        for row, key in enumerate(sheet.values[sheet.file.key[0]]):
            if key in others:
                sheet.refuse(row, sheet.file.key[0], "duplicate", f"« {key} » existe déjà ici : ôtez cette ligne.")


_LATE_KEYS = frozenset(
    file.name for file in FILES if any(file.column(name).target is not None for name in file.key)
)
