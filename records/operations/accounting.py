"""Income and expenditure of a structure by account: what makes the cost per hour real (CAF notes §3.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from domain.errors import InvalidData, NotFound
from domain.french import typeset
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import AccountingLine, Structure
from records.operations.lookup import add, by_ref, ids_by_ref, invalid
from records.operations.registry import Scope, operation
from records.town_files.faults import Fault, Faults
from records.town_files.kinds import TEXT, Kind, Misread, scaled, whole
from records.town_files.source import Source, read_source

CHARGE, PRODUIT = "charge", "produit"
_ACCOUNT = re.compile(r"(6[0-8]|86|7[0-9]|87)\d{0,10}")
_LABEL_MAX = 200
_YEARS = (2000, 2100)
_CENTS_MAX = 10**13
_COLUMNS: dict[str, Kind] = {
    "structure": TEXT,
    "annee": whole(*_YEARS, "année"),
    "compte": TEXT,
    "libelle": TEXT,
    "montant": scaled(2, 99_999_999, "euros", may_be_negative=True),
}
# Columns that a file may leave out: all its lines are then of a whole year, and shared by the place's activities.
_MAY_LACK: dict[str, Kind] = {"activite": TEXT, "periode": TEXT}
ACTIVITY_WORDS = {
    "eaje": "petite enfance",
    "periscolaire": "périscolaire",
    "extrascolaire": "extrascolaire",
    "youth": "jeunes",
}
PERIOD_WORDS = {"year": "année", "jan_jun": "janvier à juin", "jan_sep": "janvier à septembre"}
_ACTIVITIES = {words: code for code, words in ACTIVITY_WORDS.items()} | {code: code for code in ACTIVITY_WORDS}
_PERIODS = {words: code for code, words in PERIOD_WORDS.items()} | {code: code for code in PERIOD_WORDS}


@dataclass(frozen=True, slots=True)
class NewAccountingLine:
    """An amount of a structure's accounts in a year, or its first months, in cents; negative for a credit.

    `activity` None: the activities of the place share it, by the hours of their children.
    """

    structure_ref: str
    year: int
    account: str
    label: str
    amount_cents: int
    activity: str | None = None
    period: str = "year"


@dataclass(frozen=True, slots=True)
class AccountingLineSeen:
    """A line that stands: no other replaces it."""

    id: int
    account: str
    label: str
    amount_cents: int
    nature: str
    origin: str
    activity: str | None
    period: str


@dataclass(frozen=True, slots=True)
class AccountingImport:
    """What an import did: lines that are new, that replace another, and that were there already."""

    added: int
    replaced: int
    unchanged: int
    faults: tuple[Fault, ...]


@operation(Right.DECLARE_CAF, Scope.PLACE)
def add_accounting_line(records: Records, actor: Actor, line: NewAccountingLine) -> int:
    """Enter an amount; returns its id. Raises InvalidData, NotFound."""
    check_line(line)
    with records.write(actor, "add_accounting_line") as write:
        structure = by_ref(write.session, Structure, line.structure_ref)
        actor.require(Right.DECLARE_CAF, structure.id)
        return _add(write, structure.id, line, "entered", None)


@operation(Right.DECLARE_CAF, Scope.PLACE)
def correct_accounting_line(records: Records, actor: Actor, line_id: int, label: str, amount_cents: int) -> int:
    """Replace a line that stands by another amount or label, 0 to take it back; returns the new id.

    Raises NotFound, InvalidData for a line that was corrected already.
    """
    with records.write(actor, "correct_accounting_line") as write:
        row = write.session.get(AccountingLine, line_id)
        if row is None:
            raise NotFound(typeset("Cette ligne de comptes n'existe pas. Rien n'a été enregistré."), id=line_id)
        actor.require(Right.DECLARE_CAF, row.structure_id)
        if write.session.scalar(select(exists().where(AccountingLine.replaces_id == line_id))):
            raise invalid("Cette ligne a déjà été corrigée. Rechargez la page, puis corrigez la dernière.")
        new = NewAccountingLine("", row.year, row.account, label, amount_cents, row.activity, row.period)
        check_line(new)
        return _add(write, row.structure_id, new, "entered", line_id)


@operation(Right.SEE_CAF, Scope.PLACE)
def accounting_lines(records: Records, actor: Actor, structure_ref: str, year: int) -> list[AccountingLineSeen]:
    """Return the lines of a structure's year that stand, by account; those taken back are left out."""
    with records.read() as session:
        structure = by_ref(session, Structure, structure_ref)
        actor.require(Right.SEE_CAF, structure.id)
        return [
            AccountingLineSeen(
                row.id, row.account, row.label, row.amount_cents, row.nature, row.origin, row.activity, row.period
            )
            for row in _standing(session, structure.id, year)
            if row.amount_cents or row.replaces_id is None
        ]


@operation(Right.DECLARE_CAF, Scope.PLACE)
def import_accounting(records: Records, actor: Actor, file: Path) -> AccountingImport:
    """Import a CSV file of `structure;annee;compte;libelle;montant`: all of it, or nothing when a line has a fault.

    It may add `activite` and `periode`, as people read them or by their codes. A line imported before with the same
    structure, year, account, label, activity and period is replaced when its amount differs, so the same file may
    come twice. Raises InvalidData without a file, NotAllowed for a place of others.
    """
    if not file.is_file():
        raise InvalidData(typeset(f"Le fichier {file.name} n'existe pas. Rien n'a été enregistré."))
    faults = Faults()
    source = read_source(file, frozenset(_COLUMNS | _MAY_LACK), faults)
    lines = _read(source, faults) if source is not None else []
    with records.write(actor, "import_accounting") as write:
        places = _places(write.session, lines, faults, file.name)
        for structure_id in places.values():
            actor.require(Right.DECLARE_CAF, structure_id)
        if faults.found:
            return AccountingImport(0, 0, 0, tuple(faults.told({file.name: list(_COLUMNS)})))
        done = [_import_line(write, places[line.structure_ref], line) for _, line in lines]
        return AccountingImport(done.count("added"), done.count("replaced"), done.count("unchanged"), ())


def nature_of(account: str) -> str:
    """Return whether an account is a charge or a produit; 86 and 87 are valued contributions of each side."""
    return CHARGE if account.startswith(("6", "86")) else PRODUIT


def _add(write: Write, structure_id: int, line: NewAccountingLine, origin: str, replaces_id: int | None) -> int:
    row = AccountingLine(
        structure_id=structure_id,
        year=line.year,
        account=line.account,
        label=line.label.strip(),
        amount_cents=line.amount_cents,
        nature=nature_of(line.account),
        period=line.period,
        activity=line.activity,
        origin=origin,
        replaces_id=replaces_id,
        recorded_at=write.now,
        recorded_by=write.actor.signature,
    )
    return add(write, row)


def _standing(session: Session, structure_id: int, year: int) -> Sequence[AccountingLine]:
    later = aliased(AccountingLine)
    return session.scalars(
        select(AccountingLine)
        .where(
            AccountingLine.structure_id == structure_id,
            AccountingLine.year == year,
            ~exists().where(later.replaces_id == AccountingLine.id),
        )
        .order_by(AccountingLine.account, AccountingLine.label, AccountingLine.id)
    ).all()


def _import_line(write: Write, structure_id: int, line: NewAccountingLine) -> str:
    same = [
        row
        for row in _standing(write.session, structure_id, line.year)
        if _key(row) == _key(line) and row.origin == "imported"
    ]
    if not same:
        _add(write, structure_id, line, "imported", None)
        return "added"
    if same[-1].amount_cents == line.amount_cents:
        return "unchanged"
    _add(write, structure_id, line, "imported", same[-1].id)
    return "replaced"


def _key(line: AccountingLine | NewAccountingLine) -> tuple[str | None, ...]:
    """Return what tells two amounts of a place's year apart."""
    return line.account, line.label, line.activity, line.period


def _read(source: Source, faults: Faults) -> list[tuple[int, NewAccountingLine]]:
    """Return the lines of a file with their numbers; what is not of its kind is a fault."""
    missing = [name for name in _COLUMNS if name not in source.header]
    if missing:
        message = f"Colonnes manquantes : {', '.join(missing)}. La première ligne les nomme."
        faults.add(Fault(source.name, 1, None, "missing_column", message))
        return []
    found = []
    seen: dict[tuple[object, ...], int] = {}
    for numbers, rows in source.chunks(faults):
        for number, row in zip(numbers, rows, strict=True):
            cells = dict(zip(source.header, row, strict=True))
            line = _line(source.name, number, cells, faults)
            if line is None:
                continue
            key = (line.structure_ref, line.year, *_key(line))
            if key in seen:
                message = (
                    f"Même structure, année, compte, libellé, activité et période qu'à la ligne {seen[key]} : "
                    "gardez-en une."
                )
                faults.add(Fault(source.name, number, "libelle", "duplicate", message))
            seen.setdefault(key, number)
            found.append((number, line))
    return found


def _line(name: str, number: int, cells: dict[str, str], faults: Faults) -> NewAccountingLine | None:
    values = {}
    for column, kind in _COLUMNS.items():
        text = cells[column].strip()
        try:
            if not text:
                raise Misread("missing", "Cette valeur est obligatoire.")
            values[column] = kind.read(text)
        except Misread as misread:
            faults.add(Fault(name, number, column, misread.code, misread.message))
    if len(values) < len(_COLUMNS):
        return None
    activity, period = (cells.get(column, "").strip().lower() for column in _MAY_LACK)
    line = NewAccountingLine(
        values["structure"],
        values["annee"],
        values["compte"],
        values["libelle"],
        values["montant"],
        _ACTIVITIES.get(activity, activity) or None,
        _PERIODS.get(period, period) or "year",
    )
    try:
        check_line(line)
    except InvalidData as refusal:
        faults.add(Fault(name, number, "compte", "bad_line", refusal.message))
        return None
    return line


def _places(
    session: Session, lines: Sequence[tuple[int, NewAccountingLine]], faults: Faults, name: str
) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, line in lines:
        if line.structure_ref in found:
            continue
        try:
            found |= ids_by_ref(session, Structure, [line.structure_ref])
        except NotFound:
            message = f"« {line.structure_ref} » : aucune structure n'a cette référence."
            faults.add(Fault(name, number, "structure", "unknown", message))
    return found


def check_line(line: NewAccountingLine) -> None:
    """Raise InvalidData for a line of accounts that cannot be."""
    if not _ACCOUNT.fullmatch(line.account):
        raise invalid(
            f"« {line.account} » n'est pas un compte de charges (60 à 68, 86) ou de produits (70 à 79, 87)."
        )
    if not line.label.strip() or len(line.label) > _LABEL_MAX:
        raise invalid(f"Donnez un libellé, en {_LABEL_MAX} caractères au plus.")
    if line.activity is not None and line.activity not in ACTIVITY_WORDS:
        raise invalid(f"« {line.activity} » n'est pas une activité. Choisissez : {_listed(ACTIVITY_WORDS)}.")
    if line.period not in PERIOD_WORDS:
        raise invalid(f"« {line.period} » n'est pas une période. Choisissez : {_listed(PERIOD_WORDS)}.")
    if not _YEARS[0] <= line.year <= _YEARS[1]:
        raise invalid(f"L'année va de {_YEARS[0]} à {_YEARS[1]}.")
    if abs(line.amount_cents) > _CENTS_MAX:
        raise invalid("Ce montant est trop grand : vérifiez la virgule.")


def _listed(words: Mapping[str, str]) -> str:
    return ", ".join(words.values())
