"""Loading a whole collectivity from a folder of CSV files: all of it or nothing (docs/import.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, exists, func, insert, select
from sqlalchemy.orm import Session

from domain.errors import Conflict, InvalidData
from domain.french import typeset
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Account, Collectivity, RoleGrant
from records.operations.lookup import invalid
from records.operations.registry import operation
from records.operations.search_index import index_people
from records.town_files.columns import TownFile
from records.town_files.declared import FILES
from records.town_files.faults import Fault
from records.town_files.rules.rule import Town
from records.town_files.sheet import Sheet, Stamps
from records.town_files.town import read_town

Progress = Callable[[float, str], None]
_ROWS_AT_ONCE = 10_000
_READ_SHARE = 0.5
# What `marelle init` has written before anything is imported: the files may complete it.
_MAY_EXIST = frozenset({"collectivite", "comptes", "roles"})


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read: how many rows, and the SHA-256 of its bytes."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found and did; `doubts` refuse nothing."""

    files: tuple[ReadFile, ...]
    faults: tuple[Fault, ...]
    doubts: tuple[Fault, ...]
    is_written: bool

    @property
    def rows(self) -> int:
        """How many rows were read in all."""
        return sum(each.rows for each in self.files)


def _silent(_share: float, _what: str) -> None:
    """Show no progress."""


@operation(Right.IMPORT_DATA, also=frozenset({Right.EDIT_HEALTH, Right.MANAGE_ACCOUNTS}))
def import_collectivity(
    records: Records, actor: Actor, folder: Path, *, is_dry_run: bool = False, progress: Progress = _silent
) -> ImportReport:
    """Load a folder into records that hold no family yet; one transaction, none when anything is wrong.

    Every fault is in the report, by file, line and column. Raises InvalidData when there is no such folder or when
    the records hold data already, NotAllowed for a file that needs a right of its own.
    """
    if not folder.is_dir():
        raise InvalidData(
            typeset(f"Le dossier {folder} n'existe pas. Rien n'a été enregistré."), folder=str(folder)
        )
    for file in FILES:
        if file.writes is not None and (folder / file.file_name).exists():
            actor.require(file.writes)
    with records.read() as session:
        _refuse_data(session)
        known = _known(session)
    stamps = Stamps(records.clock(), actor.signature)
    town, faults = read_town(folder, stamps, known, lambda share, what: progress(_READ_SHARE * share, what))
    sheets = list(town.sheets.values())
    files = tuple(ReadFile(each.file.file_name, len(each), each.sha256) for each in sheets if each.sha256)
    told = faults.told({each.file_name: [column.name for column in each.columns] for each in FILES})
    refusing = tuple(each for each in told if not each.is_doubt)
    doubts = tuple(each for each in told if each.is_doubt)
    if refusing or is_dry_run:
        return ImportReport(files, refusing, doubts, is_written=False)
    with records.write(actor, "import_collectivity") as write:
        _refuse_data(write.session)
        if _known(write.session) != known:
            raise Conflict("Des comptes ont changé pendant le contrôle. Rien n'a été enregistré. Recommencez.")
        _write_town(write, town, files, lambda share, what: progress(_READ_SHARE + (1 - _READ_SHARE) * share, what))
    return ImportReport(files, (), doubts, is_written=True)


def _refuse_data(session: Session) -> None:
    """Raise InvalidData when a table that the folder fills has rows already."""
    for file in FILES:
        if file.name not in _MAY_EXIST and session.scalar(select(exists().select_from(file.table))):
            raise invalid(
                f"Cette base contient déjà des données ({file.title.lower()}) : l'import remplit une base vide. "
                "Choisissez un autre dossier avec MARELLE_HOME, puis « marelle init ».",
                table=file.table.name,
            )


def _known(session: Session) -> dict[str, dict[Any, int]]:
    """Return the ids of the accounts and roles that are here already, by file and key."""
    accounts = session.execute(select(Account.login, Account.id)).all()
    roles = session.scalars(select(RoleGrant.id))
    return {
        "comptes": {login: row_id for login, row_id in accounts},
        "roles": {("here", each): each for each in roles},
    }


def _write_town(write: Write, town: Town, files: Sequence[ReadFile], progress: Progress) -> None:
    total = sum(each.rows for each in files) or 1
    done = 0
    connection = write.session.connection()
    for sheet in town.sheets.values():
        progress(0.8 * done / total, f"Écriture de {sheet.file.file_name}")
        if sheet.file.model is Collectivity:
            _set_collectivity(write.session, sheet)
        else:
            _insert(connection, sheet)
        done += len(sheet)
    progress(0.8, "Index de recherche")
    people = town.sheets["personnes"]
    index_people(write.session, range(people.first_id, people.first_id + len(people)))
    told = {each.name: {"rows": each.rows, "sha256": each.sha256} for each in files}
    write.audit("collectivity", "import", old=None, new={"files": told})


def _set_collectivity(session: Session, sheet: Sheet) -> None:
    """Describe the collectivity, or describe it again when it is there."""
    for row in _rows(sheet):
        session.merge(Collectivity(**{**row, "id": 1}))
    session.flush()


def _insert(connection: Connection, sheet: Sheet) -> None:
    rows = _rows(sheet)
    statement = insert(sheet.file.table)
    while part := list(islice(rows, _ROWS_AT_ONCE)):
        connection.execute(statement, part)
    if connection.dialect.name == "postgresql" and len(sheet):
        # Ids were given here: the sequence goes on after them.
        last = func.setval(
            func.pg_get_serial_sequence(sheet.file.table.name, "id"), sheet.first_id + len(sheet) - 1
        )
        connection.execute(select(last))


def _rows(sheet: Sheet) -> Iterator[dict[str, Any]]:
    names = fields_of(sheet.file)
    columns = [sheet.of(name) for name in names]
    for row_id, values in enumerate(zip(*columns, strict=True), sheet.first_id):
        row = dict(zip(names, values, strict=True))
        row["id"] = row_id
        yield row


def fields_of(file: TownFile) -> list[str]:
    """Return the fields of the table that a file gives, joined and derived ones included."""
    own = [column.field for column in file.columns if column.field is not None]
    return [*own, *(join.field for join in file.joins), *file.derived]
