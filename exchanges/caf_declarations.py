"""From a frozen declaration to what is handed out: what changed since the one before, and its three files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from domain.caf_declarations import VERSION_WORDS, differences
from domain.caf_sheet import DeclarationSheet, control_summary, sheet_differences, sheet_lines
from domain.errors import Conflict
from domain.french import long_date, typeset
from domain.time import local_day
from exchanges.caf_files import declaration_csv, declaration_pdf, declaration_xlsx
from records.actors import Actor
from records.database import Records
from records.models import Collectivity, Structure
from records.operations.declarations import DeclarationSeen, declarations
from records.operations.lookup import by_ref


def sheet_of(records: Records, actor: Actor, seen: DeclarationSeen) -> DeclarationSheet:
    """Return a frozen declaration in words, with what changed since the one before it."""
    before = previous(records, actor, seen)
    with records.read() as session:
        town = session.get_one(Collectivity, 1)
        place = by_ref(session, Structure, seen.about.structure_ref)
    return DeclarationSheet(
        seen.about,
        place.name,
        town.name,
        seen.sha256,
        long_date(local_day(seen.recorded_at, town.timezone)),
        seen.recorded_by,
        sheet_lines(seen.figures),
        control_summary(seen.controls),
        since="" if before is None else declaration_name(before),
        changes=() if before is None else sheet_differences(differences(before.figures, seen.figures)),
    )


def previous(records: Records, actor: Actor, seen: DeclarationSeen) -> DeclarationSeen | None:
    """Return the declaration to compare one with: the one before of its version, else the last one before it."""
    found = declarations(records, actor, seen.about.structure_ref, [seen.about.year - 1, seen.about.year])
    earlier = found[: found.index(seen)] if seen in found else found
    same = [
        each for each in earlier if (each.about.year, each.about.version) == (seen.about.year, seen.about.version)
    ]
    return (same or earlier)[-1] if earlier else None


def declaration_name(seen: DeclarationSeen) -> str:
    """Return « réel 2026 n° 1 »."""
    return typeset(f"{VERSION_WORDS[seen.about.version]} {seen.about.year} n° {seen.about.number}")


def declaration_files(records: Records, actor: Actor, seen: DeclarationSeen) -> dict[str, bytes]:
    """Return the files of a frozen declaration by name: spreadsheet, CSV, and the page to type from."""
    sheet = sheet_of(records, actor, seen)
    with records.read() as session:
        town = session.get_one(Collectivity, 1)
    about = seen.about
    stem = f"caf-{about.structure_ref}-{about.year}-{about.version}-{about.number}"
    made_on = local_day(seen.recorded_at, town.timezone)
    return {
        f"{stem}.xlsx": declaration_xlsx(sheet),
        f"{stem}.csv": declaration_csv(sheet),
        f"{stem}.pdf": declaration_pdf(sheet, made_on, is_specimen=town.is_training),
    }


def write_files(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Write files into a folder, each whole or not at all; raises Conflict rather than write over one."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in files]
    known = [path.name for path in paths if path.exists()]
    if known:
        raise Conflict(
            typeset(f"Le fichier {known[0]} existe déjà dans {folder.name} : choisissez un autre dossier.")
        )
    for path, content in zip(paths, files.values(), strict=True):
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as target:
            target.write(content)
        Path(name).replace(path)
    return paths
