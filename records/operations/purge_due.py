"""What is past its time, kind by kind: the finders behind a purge list. They read; they erase nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from domain.errors import ParameterMissing
from domain.french import short_date, typeset
from domain.time import instant_at, local_day, months_after
from records.models import (
    Account,
    AttendanceDecision,
    AuditEntry,
    BadgeAssignment,
    Booking,
    Collectivity,
    Declaration,
    Device,
    Document,
    DocumentFile,
    Enrolment,
    HealthAccess,
    HealthNote,
    Income,
    Mandate,
    MandateEvent,
    Person,
    QfCalculation,
    Request,
    RequestDecision,
    RetentionRule,
    SchoolYear,
    StoredFile,
    Structure,
    Tap,
    TapChild,
    WaitingEntry,
)
from records.operations.erasure import ERASED_LOGIN, ERASED_TITLE
from records.operations.file_use import IN_USE, last_uses
from records.operations.retention import due_on

# One list is one write: the rest waits for the next list.
LIST_MAX = {"badge_number": 20_000, "attendance": 20_000, "audit": 20_000, "access_log": 20_000}
_LIST_MAX = 500


@dataclass(frozen=True, slots=True)
class Due:
    """A row past its time, and since when."""

    entity: str
    entity_id: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Judgment:
    """What a list is judged by: the rule, the day, the collectivity's zone."""

    rule: RetentionRule
    day: date
    zone: str


Found = Iterable[tuple[str, int, date]]
_FOREVER = date.max


def find_due(session: Session, rule: RetentionRule, day: date) -> list[Due]:
    """Return what a rule says is past its time on a day, the oldest first, as many as one list holds."""
    zone = session.scalar(select(Collectivity.timezone)) or "UTC"
    found = _FINDERS[rule.data_kind](session, Judgment(rule, day, zone))
    due = [Due(entity, row_id, due_on(rule, last)) for entity, row_id, last in found if last != _FOREVER]
    past = sorted((each for each in due if each.due_on <= day), key=lambda each: (each.due_on, each.entity_id))
    return past[: LIST_MAX.get(rule.data_kind, _LIST_MAX)]


def _family_files(session: Session, judged: Judgment) -> Found:
    return [("family", family_id, last) for family_id, last in last_uses(session).items() if last != IN_USE]


def _health(session: Session, judged: Judgment) -> Found:
    """A note without an end goes with the last enrolment of its person."""
    ends = _last_enrolled(session)
    years = sorted(session.scalars(select(SchoolYear.ends_on)))
    for note in session.scalars(select(HealthNote)):
        last = ends.get(note.person_id, note.valid_from) if note.valid_to is None else _last_of(note.valid_to)
        if last < judged.day:
            yield "health_note", note.id, _year_end(years, last)


def _year_end(years: list[date], day: date) -> date:
    for ends_on in years:
        if day <= ends_on:
            return ends_on
    raise ParameterMissing(
        typeset(
            f"Aucune année scolaire ne contient le {short_date(day)}, dernier jour d'une information de santé. "
            "Ajoutez cette année scolaire, puis recommencez."
        ),
        day=day,
    )


def _last_enrolled(session: Session) -> dict[int, date]:
    """Return the last day of enrolment of each person who was enrolled, `date.max` when it has no end."""
    found: dict[int, date] = {}
    for person_id, valid_to in session.execute(select(Enrolment.person_id, Enrolment.valid_to)):
        last = _FOREVER if valid_to is None else _last_of(valid_to)
        found[person_id] = max(found.get(person_id, date.min), last)
    return found


def _mandates(session: Session, judged: Judgment) -> Found:
    last = dict(
        session.execute(
            select(MandateEvent.mandate_id, func.max(MandateEvent.recorded_at)).group_by(MandateEvent.mandate_id)
        ).all()
    )
    for row in session.execute(select(Mandate.id).where(Mandate.state == "revoked", Mandate.iban_end != "")):
        if row.id in last:
            yield "mandate", row.id, local_day(last[row.id], judged.zone)


def _income_proofs(session: Session, judged: Judgment) -> Found:
    used = select(QfCalculation.document_id).union(select(Income.document_id))
    rows = session.execute(
        select(Document.id, Document.received_on).where(Document.id.in_(used), Document.title != ERASED_TITLE)
    )
    return [("document", document_id, received_on) for document_id, received_on in rows]


def _unused_scans(session: Session, judged: Judgment) -> Found:
    """Scans that no paper shows and that no request still to be decided names."""
    shown = select(DocumentFile.sha256)
    held = select(StoredFile).where(StoredFile.erased_at.is_(None), StoredFile.sha256.not_in(shown))
    scans = session.scalars(held).all()
    if not scans:
        return
    decided = select(RequestDecision.request_id)
    asked = session.scalars(select(Request.payload).where(Request.id.not_in(decided), Request.payload.is_not(None)))
    named = "".join(payload for payload in asked if payload is not None)
    for scan in scans:
        if scan.sha256 not in named:
            yield "stored_file", scan.id, local_day(scan.stored_at, judged.zone)


def _waiting(session: Session, judged: Judgment) -> Found:
    """What was decided is dated by the last change of the row."""
    changed = dict(
        session.execute(
            select(AuditEntry.entity_id, func.max(AuditEntry.occurred_at))
            .where(AuditEntry.entity == "waiting_entry")
            .group_by(AuditEntry.entity_id)
        ).all()
    )
    over = WaitingEntry.state.in_(("refused", "withdrawn", "lapsed"))
    for row in session.scalars(select(WaitingEntry).where(over)):
        yield "waiting_entry", row.id, local_day(changed.get(row.ref, row.recorded_at), judged.zone)


def _badge_numbers(session: Session, judged: Judgment) -> Found:
    """A number is cut when its tap says whom it brought: an unknown badge is still looked into."""
    for tap_row_id, day in _old_taps(session, judged, _carried_badges()):
        yield "tap", tap_row_id, months_after(day.replace(day=1), 1)


def _carried_badges() -> Select[int, int, str]:
    return (
        _tap_days()
        .join(BadgeAssignment, BadgeAssignment.badge_uid == Tap.badge_uid)
        .where(Tap.badge_uid.is_not(None))
        .distinct()
    )


def _tap_days() -> Select[int, int, str]:
    return (
        select(Tap.id, Tap.occurred_at_corrected, Structure.timezone)
        .join(Device, Device.id == Tap.device_id)
        .join(Structure, Structure.id == Device.structure_id)
    )


def _old_taps(session: Session, judged: Judgment, query: Select[int, int, str]) -> Iterator[tuple[int, date]]:
    """Yield the taps of a query that may be past their time, the oldest first, and their local day."""
    before = instant_at(judged.day, 0, judged.zone)
    limit = LIST_MAX[judged.rule.data_kind]
    rows = session.execute(
        query.where(Tap.occurred_at_corrected < before).order_by(Tap.occurred_at_corrected, Tap.id).limit(limit)
    )
    for row_id, occurred_at, zone in rows:
        yield row_id, local_day(occurred_at, zone)


def _attendance(session: Session, judged: Judgment) -> Found:
    """Taps with a subject, reasons of decisions, days declared, birth dates that only served to count hours."""
    subject = or_(
        Tap.badge_uid.is_not(None),
        Tap.child_ref.is_not(None),
        Tap.typed_name.is_not(None),
        Tap.tap_id.in_(select(TapChild.tap_id)),
    )
    for row_id, day in _old_taps(session, judged, _tap_days().where(subject)):
        yield "tap", row_id, day
    reasons = select(AttendanceDecision.id, AttendanceDecision.day).where(AttendanceDecision.reason != "")
    for decision_id, day in session.execute(reasons.order_by(AttendanceDecision.day).limit(20_000)):
        yield "attendance_decision", decision_id, day
    declared = select(Declaration.id, Declaration.recorded_at).where(Declaration.days.is_not(None))
    for declaration_id, recorded_at in session.execute(declared):
        yield "declaration", declaration_id, local_day(recorded_at, judged.zone)
    ends = _last_enrolled(session)
    born = select(Person.id).where(Person.anonymised_at.is_not(None), Person.birth_date.is_not(None))
    booked = dict(
        session.execute(select(Booking.person_id, func.max(Booking.day)).group_by(Booking.person_id)).all()
    )
    for person_id in session.scalars(born):
        yield "person", person_id, max(ends.get(person_id, date.min), booked.get(person_id, date.min))


def _access_log(session: Session, judged: Judgment) -> Found:
    rows = session.execute(
        select(HealthAccess.id, HealthAccess.read_at)
        .where(HealthAccess.reader.is_not(None))
        .order_by(HealthAccess.read_at)
        .limit(LIST_MAX["access_log"])
    )
    return [("health_access", row_id, local_day(read_at, judged.zone)) for row_id, read_at in rows]


def _accounts(session: Session, judged: Judgment) -> Found:
    rows = session.execute(
        select(Account.id, Account.disabled_at).where(
            Account.disabled_at.is_not(None), Account.login.not_like(f"{ERASED_LOGIN}%")
        )
    )
    return [("account", row_id, local_day(at, judged.zone)) for row_id, at in rows if at is not None]


def _requests(session: Session, judged: Judgment) -> Found:
    rows = session.execute(
        select(Request.id, RequestDecision.recorded_at)
        .join(RequestDecision, RequestDecision.request_id == Request.id)
        .where(or_(Request.payload.is_not(None), Request.seen.is_not(None), Request.asked_by.is_not(None)))
    )
    return [("request", row_id, local_day(at, judged.zone)) for row_id, at in rows]


def _audit(session: Session, judged: Judgment) -> Found:
    told = or_(AuditEntry.old.is_not(None), AuditEntry.new.is_not(None))
    rows = session.execute(
        select(AuditEntry.seq, AuditEntry.occurred_at).where(told).order_by(AuditEntry.seq).limit(LIST_MAX["audit"])
    )
    return [("audit", seq, local_day(at, judged.zone)) for seq, at in rows]


def _last_of(valid_to: date) -> date:
    return valid_to - timedelta(days=1)


_FINDERS: dict[str, Callable[[Session, Judgment], Found]] = {
    "family_file": _family_files,
    "attendance": _attendance,
    "health": _health,
    "mandate": _mandates,
    "income_proof": _income_proofs,
    "unused_scan": _unused_scans,
    "waiting_list": _waiting,
    "badge_number": _badge_numbers,
    "access_log": _access_log,
    "account": _accounts,
    "request": _requests,
    "audit": _audit,
}
