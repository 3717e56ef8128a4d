"""Whether a family agrees to be in the Filoué file: without an answer it is a no (CAF notes §3.3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import InvalidData, NotFound
from domain.french import short_date, typeset
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Family, FiloueConsent
from records.operations.family_search import local_day_of
from records.operations.lookup import add, invalid
from records.operations.merged import ids_with_merged, kept_by_ref, kept_ids
from records.operations.registry import Scope, operation
from records.town_files.faults import Fault, Faults
from records.town_files.kinds import DAY, REF, YES_NO, Kind, Misread
from records.town_files.source import Source, read_source

_COLUMNS: dict[str, Kind] = {"dossier": REF, "date": DAY, "accord": YES_NO}


@dataclass(frozen=True, slots=True)
class ConsentSeen:
    """A family's answers, the last first: its day, yes or no, and who wrote it down."""

    day: date
    is_agreed: bool
    recorded_by: str


@dataclass(frozen=True, slots=True)
class ConsentImport:
    """What an import did: answers that are new, and those that were there already."""

    added: int
    unchanged: int
    faults: tuple[Fault, ...]


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def record_filoue_consent(records: Records, actor: Actor, family_ref: str, day: date, is_agreed: bool) -> bool:
    """Write down a family's answer of a day; False when it is what stands already. Raises InvalidData, NotFound."""
    with records.write(actor, "record_filoue_consent") as write:
        return _record(write, family_ref, day, is_agreed)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def filoue_consents(records: Records, actor: Actor, family_ref: str) -> list[ConsentSeen]:
    """Return a family's answers, the one that stands first. Raises NotFound."""
    with records.read() as session:
        family = kept_by_ref(session, Family, family_ref)
        rows = _answers(session, family.id)
        return [ConsentSeen(row.day, row.is_agreed, row.recorded_by) for row in rows]


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def import_filoue_consents(records: Records, actor: Actor, file: Path) -> ConsentImport:
    """Import a CSV file of `dossier;date;accord`: all of it, or nothing when a line has a fault."""
    if not file.is_file():
        raise InvalidData(typeset(f"Le fichier {file.name} n'existe pas. Rien n'a été enregistré."))
    faults = Faults()
    source = read_source(file, frozenset(_COLUMNS), faults)
    lines = _read(source, faults) if source is not None else []
    with records.write(actor, "import_filoue_consents") as write:
        for number, family_ref, day, _ in lines:
            _check_line(write, (file.name, number), family_ref, day, faults)
        if faults.found:
            return ConsentImport(0, 0, faults.told({file.name: list(_COLUMNS)}))
        done = [_record(write, family_ref, day, is_agreed) for _, family_ref, day, is_agreed in lines]
        return ConsentImport(done.count(True), done.count(False), ())


def families_that_agree(session: Session, family_ids: Collection[int], day: date) -> set[int]:
    """Return those of the families whose last answer up to a day is a yes; merged files answer for the kept one."""
    kept = kept_ids(session, Family)
    rows = session.scalars(
        select(FiloueConsent)
        .where(FiloueConsent.day <= day)
        .order_by(FiloueConsent.day, FiloueConsent.recorded_at, FiloueConsent.id)
    )
    last = {kept.of(row.family_id): row.is_agreed for row in rows}
    return {family_id for family_id in family_ids if last.get(family_id)}


def _answers(session: Session, family_id: int) -> list[FiloueConsent]:
    ids = ids_with_merged(session, Family, family_id)
    order = (FiloueConsent.day.desc(), FiloueConsent.recorded_at.desc(), FiloueConsent.id.desc())
    return list(session.scalars(select(FiloueConsent).where(FiloueConsent.family_id.in_(ids)).order_by(*order)))


def _record(write: Write, family_ref: str, day: date, is_agreed: bool) -> bool:
    session = write.session
    family = kept_by_ref(session, Family, family_ref)
    _refuse_future(day, local_day_of(session, write.now))
    answers = _answers(session, family.id)
    same_day = [row for row in answers if row.day == day]
    if same_day and same_day[0].is_agreed == is_agreed:
        return False
    own = [row for row in same_day if row.family_id == family.id]
    row = FiloueConsent(
        family_id=family.id,
        day=day,
        seq=max((each.seq for each in own), default=0) + 1,
        is_agreed=is_agreed,
        recorded_at=write.now,
        recorded_by=write.actor.signature,
    )
    add(write, row)
    return True


def _refuse_future(day: date, today: date) -> None:
    if day > today:
        raise invalid(f"Le {short_date(day)} n'est pas encore passé : donnez le jour de la réponse.")


def _check_line(write: Write, where: tuple[str, int], family_ref: str, day: date, faults: Faults) -> None:
    try:
        kept_by_ref(write.session, Family, family_ref)
        _refuse_future(day, local_day_of(write.session, write.now))
    except NotFound:
        faults.add(Fault(*where, "dossier", "unknown", f"« {family_ref} » : aucun dossier n'a cette référence."))
    except InvalidData as refusal:
        faults.add(Fault(*where, "date", "bad_date", refusal.message))


def _read(source: Source, faults: Faults) -> list[tuple[int, str, date, bool]]:
    missing = [name for name in _COLUMNS if name not in source.header]
    if missing:
        message = f"Colonnes manquantes : {', '.join(missing)}. La première ligne les nomme."
        faults.add(Fault(source.name, 1, None, "missing_column", message))
        return []
    found = []
    for numbers, rows in source.chunks(faults):
        for number, row in zip(numbers, rows, strict=True):
            cells = dict(zip(source.header, row, strict=True))
            values = []
            for column, kind in _COLUMNS.items():
                try:
                    values.append(kind.read(cells[column].strip()))
                except Misread as misread:
                    faults.add(Fault(source.name, number, column, misread.code, misread.message))
            if len(values) == len(_COLUMNS):
                found.append((number, *values))
    return found
