"""Finding rows by their stable names, and refusing in French what is unknown or already there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, inspect, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.errors import Conflict, InvalidData, NotFound
from domain.french import typeset
from records.database import Write
from records.encryption import EncryptedText, keyring_of
from records.models import Base
from records.models.base import Editable

_NOUNS = {
    "absence_reason": "motif d'absence",
    "account": "compte",
    "agent_code": "code d'agent",
    "authorisation_kind": "type d'autorisation",
    "calendar_event": "événement",
    "coverage": "prise en charge",
    "device": "terminal",
    "document_kind": "type de document",
    "enrolment": "inscription",
    "family": "dossier famille",
    "payer": "payeur",
    "paying_body": "organisme",
    "person": "personne",
    "processing_activity": "traitement",
    "purge_list": "liste de purge",
    "purge_order": "ordre de purge",
    "question": "question",
    "request": "demande",
    "school_class": "classe",
    "school_year": "année scolaire",
    "sejour": "séjour",
    "service": "service",
    "structure": "structure",
    "tariff": "tarif",
    "transport_line": "ligne de transport",
    "waiting_entry": "attente",
    "yearly_task": "tâche",
}
T = TypeVar("T")
Model = TypeVar("Model", bound=Base)
_CHUNK = 5_000  # SQLite takes 32 766 bound values in one statement


def invalid(message: str, **fields: object) -> InvalidData:
    """Return the refusal of invalid data: what is wrong, and that nothing was written."""
    return InvalidData(typeset(f"{message} Rien n'a été enregistré."), **fields)


def _of(noun: str) -> str:
    return f"d'{noun}" if noun[0] in "aeiouyé" else f"de {noun}"


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield slices small enough for one statement."""
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def in_force_on(
    day: date, valid_from: InstrumentedAttribute[date], valid_to: InstrumentedAttribute[date | None]
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that a half-open range holds a day."""
    return valid_from <= day, or_(valid_to.is_(None), valid_to > day)


def ids_by_ref(session: Session, model: type[Base], refs: Iterable[str]) -> dict[str, int]:
    """Return the id of each ref; raises NotFound naming those that do not exist."""
    columns = model.__table__.c
    wanted = sorted(set(refs))
    found: dict[str, int] = {}
    for part in chunks(wanted):
        for row in session.execute(select(columns.ref, columns.id).where(columns.ref.in_(part))):
            found[row.ref] = row.id
    missing = [ref for ref in wanted if ref not in found]
    if missing:
        raise _unknown(model, missing)
    return found


def by_ref(session: Session, model: type[Model], ref: str) -> Model:
    """Return the row of a ref; raises NotFound."""
    row = session.scalar(select(model).where(model.__table__.c.ref == ref))
    if row is None:
        raise _unknown(model, [ref])
    return row


def refuse_known(session: Session, model: type[Base], refs: Collection[str]) -> None:
    """Raise InvalidData when a ref is given twice or is already taken."""
    noun = _NOUNS[model.__tablename__]
    counts = Counter(refs)
    twice = [ref for ref, count in counts.items() if count > 1]
    if twice:
        raise invalid(f"Référence {_of(noun)} donnée deux fois : {_some(twice)}.", refs=twice)
    column = model.__table__.c.ref
    taken: list[str] = []
    for part in chunks(sorted(counts)):
        taken.extend(session.scalars(select(column).where(column.in_(part))))
    if taken:
        raise invalid(f"Référence {_of(noun)} déjà utilisée : {_some(taken)}.", refs=taken)


def change(write: Write, row: Base, changes: dict[str, Any], *, row_version: int | None = None) -> bool:
    """Change an editable row and audit old and new; False when nothing differs.

    `row_version` is the version that the person saw: Conflict when somebody changed the row since.
    """
    assert isinstance(row, Editable)
    if row_version is not None and row.row_version != row_version:
        raise Conflict(
            "Cette fiche a été modifiée par quelqu'un d'autre depuis que vous l'avez ouverte. "
            "Rien n'a été enregistré. Rechargez la page puis refaites votre modification.",
            entity=row.__tablename__,
        )
    old = {name: getattr(row, name) for name in changes}
    new = {name: value for name, value in changes.items() if old[name] != value}
    if not new:
        return False
    for name, value in new.items():
        setattr(row, name, value)
    row.row_version += 1
    model = type(row)
    write.audit(
        row.__tablename__,
        _key(row),
        old=audited(write, model, {name: old[name] for name in new}),
        new=audited(write, model, new),
    )
    return True


def check_changes(changes: Mapping[str, object], allowed: frozenset[str], never_empty: frozenset[str]) -> None:
    """Raise InvalidData for a field that is not edited there, or for one emptied that must be given."""
    unknown = sorted(changes.keys() - allowed)
    if unknown:
        raise invalid(f"Champ qui ne se modifie pas ici : « {unknown[0]} ».", fields=unknown)
    for name in never_empty & changes.keys():
        value = changes[name]
        if value is None or (isinstance(value, str) and not value.strip()):
            raise invalid("Ce champ est obligatoire : complétez-le.", field=name)


def add(write: Write, row: Base) -> int:
    """Add a row and its audit; returns its id. What is encrypted at rest is encrypted in the audit too."""
    add_all(write, [row])
    identity = inspect(row).identity
    assert identity is not None
    return int(identity[0])


def add_all(write: Write, rows: Sequence[Base]) -> None:
    """Add many rows and the audit of each: they go to the database together, not one by one."""
    write.session.add_all(rows)
    write.session.flush()
    for row in rows:
        columns = [
            column.name
            for column in type(row).__table__.columns
            if column.name not in ("id", "row_version") and not column.info.get("unaudited")
        ]
        values = {name: getattr(row, name) for name in columns if getattr(row, name) is not None}
        write.audit(row.__tablename__, _key(row), old=None, new=audited(write, type(row), values))


def audited(write: Write, model: type[Base], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a row as the audit may tell them: encrypted columns stay so, under the same key."""
    keyring = keyring_of(write.session.get_bind().dialect)
    told = dict(values)
    for name, value in values.items():
        column = model.__table__.c.get(name)
        if value is not None and column is not None and isinstance(column.type, EncryptedText):
            told[name] = keyring.encrypt(value, column.type.purpose)
    return told


def _key(row: Base) -> object:
    return getattr(row, "ref", None) or getattr(row, "id", "1")


def _unknown(model: type[Base], refs: Sequence[str]) -> NotFound:
    noun = _NOUNS[model.__tablename__]
    return NotFound(
        typeset(f"Référence {_of(noun)} inconnue : {_some(refs)}. Rien n'a été enregistré."),
        entity=model.__tablename__,
        refs=list(refs),
    )


def _some(refs: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    shown = ", ".join(f"« {ref} »" for ref in refs[:3])
    return shown if len(refs) <= 3 else f"{shown} et {len(refs) - 3} de plus"
