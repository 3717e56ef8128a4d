"""All that is held on a family, table by table, for its right of access (RGPD art. 15): read, never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, or_, select
from sqlalchemy.orm import Session

from domain.time import local
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    AuditEntry,
    BadgeAssignment,
    Base,
    Collectivity,
    Document,
    DocumentFile,
    DocumentKind,
    Family,
    Person,
    StoredFile,
    Tap,
    TapChild,
)
from records.operations.erasure_family import (
    OF_FAMILY,
    OF_PERSON,
    Whose,
    badges_of,
    everybody,
    keys_of,
    pointers,
)
from records.operations.family_file import log_health_reading
from records.operations.lookup import chunks
from records.operations.merged import kept_by_ref
from records.operations.registry import operation

# What names nobody and says nothing: numbers of rows, versions, fingerprints, clocks of terminals; who among staff
# did or read something is somebody else's data.
OMITTED = frozenset(
    {
        *("id", "row_version", "seq", "search_key", "password_hash", "must_change_password", "change_seq"),
        *("recorded_by", "actor", "reader", "clerk_id", "agent_ref", "batch_ref", "payload_version", "sha256"),
        *("epoch", "mono_ms", "boot_id", "clock_offset_ms", "clock_offset_age_ms", "occurred_at_corrected"),
        *("payload_hash", "flags", "undoes", "device_id", "time_confidence"),
    }
)
_LESS = frozenset({"badge_child", "person_word", "tap_child"})  # told by badges, names and taps
_MORE = ("account", "care_contract", "coverage_event", "enrolment_pattern", "enrolment_payer", "ledger_entry")
_MANDATES = ("mandate", "mandate_event")
_STILL_MORE = ("family", "person", "request_decision", "transport_seat")
TABLES = tuple(sorted({*OF_PERSON, *OF_FAMILY, *_MORE, *_MANDATES, *_STILL_MORE} - _LESS))
_HEALTH, _BANK = frozenset({"health_note"}), frozenset(_MANDATES)
# How a row of a table is called in the others' columns.
_NAMES: dict[str, tuple[str, ...]] = {
    "absence_reason": ("label",),
    "account": ("login",),
    "authorisation_kind": ("label",),
    "document": ("title",),
    "document_kind": ("label",),
    "family": ("name",),
    "mandate": ("rum",),
    "paying_body": ("name",),
    "person": ("first_name", "last_name"),
    "question": ("label",),
    "school_class": ("name",),
    "service": ("label",),
    "structure": ("name",),
    "transport_line": ("label",),
    "transport_stop": ("label",),
}


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one table; columns keep their own names, references are told in words."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class PageHeld:
    """The scan of a page of a paper, to be read by `read_page`."""

    document_id: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything held on a family on a day; `left_out` are tables that the reader has no right to read.

    So are the scans of health papers (`pages`), with the table of health.
    """

    family_ref: str
    name: str
    made_on: date
    sections: tuple[Section, ...]
    left_out: tuple[str, ...]
    pages: tuple[PageHeld, ...]


@operation(Right.EXPORT_DATA, also=frozenset({Right.SEE_HEALTH, Right.SEE_BANK}))
def export_family(records: Records, actor: Actor, family_ref: str) -> Dossier:
    """Return all that is held on a family; reading its health is logged. Raises NotFound.

    Without the rights to health or bank details those tables are left out, and named.
    """
    closed = frozenset[str]()
    if not actor.may_somewhere(Right.SEE_HEALTH):
        closed |= _HEALTH
    if not actor.may_somewhere(Right.SEE_BANK):
        closed |= _BANK
    with records.read() as session:
        family = kept_by_ref(session, Family, family_ref)
        them = everybody(session, [family.id])
        zone = session.scalar(select(Collectivity.timezone)) or "UTC"
        tables = [*TABLES, "audit", "tap"]
        names = _names(session)
        sections = [
            _section(session, Base.metadata.tables[name], _whose_rows(session, name, them), (names, zone))
            for name in tables
            if name not in closed
        ]
        day = local(records.clock(), zone).date()
        dossier = Dossier(
            family.ref,
            family.name,
            day,
            tuple(each for each in sections if each.rows),
            tuple(sorted(closed)),
            _pages(session, them, with_health=not closed & _HEALTH),
        )
    if not closed & _HEALTH:
        log_health_reading(records, actor, sorted(them.people), "export_family")
    return dossier


def _whose_rows(session: Session, name: str, them: Whose) -> ColumnElement[bool]:
    """Return the condition of a table's rows that are about these people."""
    table = Base.metadata.tables[name]
    if name == "audit":
        return _audit_rows(session, them)
    if name == "tap":
        return _tap_rows(them)
    targets: Mapping[str, Collection[int]] = {
        "person": them.people,
        "family": them.families,
        "payer": them.payers,
        "account": them.accounts,
    }
    if name in targets:
        return table.c.id.in_(targets[name])
    through = {"enrolment": "person_id", "mandate": "payer_id", "coverage": "child_id", "request": "family_id"}
    conditions = [table.c[column].in_(ids) for target, ids in targets.items() for column in pointers(name, target)]
    for target, column in through.items():
        owner = Base.metadata.tables[target]
        ids = {"person_id": them.people, "child_id": them.people, "payer_id": them.payers}.get(
            column, them.families
        )
        mine = select(owner.c.id).where(owner.c[column].in_(ids))
        conditions += [table.c[pointer].in_(mine) for pointer in pointers(name, target)]
    return or_(*conditions)


def _pages(session: Session, them: Whose, *, with_health: bool) -> tuple[PageHeld, ...]:
    """Return the scans of these people's papers that were not erased, in order."""
    theirs = or_(
        Document.family_id.in_(them.families),
        Document.person_id.in_(them.people),
        Document.payer_id.in_(them.payers),
    )
    statement = (
        select(Document.id, Document.title, DocumentFile.page)
        .join(DocumentKind, DocumentKind.id == Document.kind_id)
        .join(DocumentFile, DocumentFile.document_id == Document.id)
        .join(StoredFile, StoredFile.sha256 == DocumentFile.sha256)
        .where(theirs, StoredFile.erased_at.is_(None))
        .order_by(Document.id, DocumentFile.page)
    )
    if not with_health:
        statement = statement.where(DocumentKind.is_health.is_(False))
    return tuple(PageHeld(document_id, title, page) for document_id, title, page in session.execute(statement))


def _audit_rows(session: Session, them: Whose) -> ColumnElement[bool]:
    keys = keys_of(session, them)
    refs = {("family", ref) for ref in session.scalars(select(Family.ref).where(Family.id.in_(them.families)))}
    refs |= {("person", ref) for ref in session.scalars(select(Person.ref).where(Person.id.in_(them.people)))}
    wanted: dict[str, list[str]] = {}
    for entity, key in {*keys, *refs}:
        wanted.setdefault(entity, []).append(key)
    return or_(
        *(
            (AuditEntry.entity == entity) & AuditEntry.entity_id.in_(part)
            for entity, found in sorted(wanted.items())
            for part in chunks(sorted(found))
        )
    )


def _tap_rows(them: Whose) -> ColumnElement[bool]:
    refs = select(Person.ref).where(Person.id.in_(them.people))
    uids = select(BadgeAssignment.badge_uid).where(BadgeAssignment.id.in_(badges_of(them)))
    cut: Select[str] = select(TapChild.tap_id).where(TapChild.child_id.in_(them.people))
    return or_(Tap.badge_uid.in_(uids), Tap.child_ref.in_(refs), Tap.tap_id.in_(cut))


def _section(
    session: Session, table: Table, condition: ColumnElement[bool], told: tuple[dict[str, dict[int, str]], str]
) -> Section:
    names, zone = told
    columns = [column for column in table.columns if column.name not in OMITTED]
    rows = session.execute(select(*columns).where(condition).order_by(*table.primary_key.columns)).all()
    return Section(
        table.name,
        tuple(column.name for column in columns),
        tuple(
            {column.name: _told(column, value, names, zone) for column, value in zip(columns, row, strict=True)}
            for row in rows
        ),
    )


def _told(column: Any, value: Any, names: dict[str, dict[int, str]], zone: str) -> object:
    """Return a value as a person may read it: names for references, local time for instants, day for dates."""
    if value is None:
        return None
    for key in column.foreign_keys:
        return names.get(key.column.table.name, {}).get(value, value)
    if column.name.endswith("_at"):
        return local(value, zone).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _names(session: Session) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = {}
    for name, columns in _NAMES.items():
        table = Base.metadata.tables[name]
        rows = session.execute(select(table.c.id, *(table.c[column] for column in columns)))
        found[name] = {row[0]: " ".join(str(part) for part in row[1:]) for row in rows}
    return found
