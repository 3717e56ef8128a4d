"""Taking a whole collectivity out as a folder of CSV files, the one that an import reads (docs/import.md)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import RowMapping, func, insert, select
from sqlalchemy.orm import Session

from records.actors import Actor, Right
from records.database import Records, Write
from records.models import HealthAccess, HealthNote
from records.operations.lookup import invalid
from records.operations.registry import operation
from records.town_files.columns import TownFile
from records.town_files.declared import FILES
from records.town_files.writing import Texts, read_fields, write_file

Progress = Callable[[float, str], None]
_FETCHED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was written: how many rows, and the SHA-256 of its bytes."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written, and the files left out for want of a right."""

    files: tuple[WrittenFile, ...]
    left_out: tuple[str, ...]


def _silent(_share: float, _what: str) -> None:
    """Show no progress."""


@operation(Right.EXPORT_DATA, also=frozenset({Right.SEE_HEALTH, Right.MANAGE_ACCOUNTS}))
def export_collectivity(
    records: Records, actor: Actor, folder: Path, *, progress: Progress = _silent
) -> ExportReport:
    """Write every file of the collectivity in a new folder, which appears once it is whole.

    What was exported is audited, health data by a row of reading for each person. Raises InvalidData when the
    folder is there already.
    """
    if folder.exists():
        raise invalid(f"Le dossier {folder} existe déjà : donnez un nom nouveau.", folder=str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        report = _write_files(records, actor, aside, progress)
        with records.write(actor, "export_collectivity") as write:
            told = {each.name: {"rows": each.rows, "sha256": each.sha256} for each in report.files}
            write.audit("collectivity", "export", old=None, new={"files": told})
            if "sante.csv" in told:
                _note_readings(write)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return report


def _write_files(records: Records, actor: Actor, folder: Path, progress: Progress) -> ExportReport:
    allowed = [file for file in FILES if file.reads is None or actor.may(file.reads)]
    texts: dict[str, Texts] = {}
    written: list[WrittenFile] = []
    with records.read() as session:
        counts = {file.name: _count(session, file) for file in allowed}
        total = sum(counts.values()) or 1
        done = 0
        for file in allowed:
            progress(done / total, f"Écriture de {file.file_name}")
            sha256 = write_file(file, folder, _rows(session, file), texts)
            written.append(WrittenFile(file.file_name, counts[file.name], sha256))
            done += counts[file.name]
    left_out = tuple(file.file_name for file in FILES if file not in allowed)
    return ExportReport(tuple(written), left_out)


def _note_readings(write: Write) -> None:
    """Leave a row of reading for each person whose health was written."""
    people = write.session.scalars(select(HealthNote.person_id).distinct())
    rows = [
        {
            "person_id": person_id, "account_id": write.actor.account_id, "reader": write.actor.name[:80],
            "read_at": write.now, "operation": write.operation,
        }
        for person_id in people
    ]  # fmt: skip
    if rows:
        write.session.execute(insert(HealthAccess), rows)


def _count(session: Session, file: TownFile) -> int:
    return session.scalar(select(func.count()).select_from(file.table)) or 0


def _rows(session: Session, file: TownFile) -> Iterator[RowMapping]:
    """Yield the rows of a table in the order of their ids, some thousands in memory at a time."""
    columns = [file.table.c[name] for name in dict.fromkeys(read_fields(file))]
    statement = select(*columns).order_by(file.table.c.id).execution_options(yield_per=_FETCHED_AT_ONCE)
    yield from session.execute(statement).mappings()
