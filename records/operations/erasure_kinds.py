"""What an order does to each kind of data, its items being given by table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import select

from records.database import Write
from records.models import AuditEntry, HealthNote, Tap
from records.operations.erasure import Eraser
from records.operations.erasure_accounts import erase_accounts
from records.operations.erasure_family import MANDATE_COLUMNS, erase_families
from records.operations.erasure_papers import erase_papers
from records.operations.erasure_taps import cut_taps
from records.operations.lookup import chunks

Items = Mapping[str, list[int]]


def carry_out_kind(write: Write, eraser: Eraser, kind: str, items: Items) -> None:
    """Erase or anonymise the items of a kind, inside an open window."""
    _KINDS[kind](write, eraser, items)


def _family_files(write: Write, eraser: Eraser, items: Items) -> None:
    erase_families(write, eraser, items["family"])


def _health(write: Write, eraser: Eraser, items: Items) -> None:
    """The audit of a note holds what it said, encrypted: it goes too, and the paper that came with it."""
    session, ids = write.session, items["health_note"]
    papers: set[int] = set()
    for part in chunks(ids):
        of_notes = select(HealthNote.document_id).where(
            HealthNote.id.in_(part), HealthNote.document_id.is_not(None)
        )
        papers.update(each for each in session.scalars(of_notes) if each is not None)
    keys = [str(each) for each in items["health_note"]]
    eraser.erase("health_note", "id", ids)
    still = set(session.scalars(select(HealthNote.document_id).where(HealthNote.document_id.in_(papers))))
    erase_papers(write, eraser, papers - still)
    for key_part in chunks(keys):
        told = select(AuditEntry.seq).where(AuditEntry.entity == "health_note", AuditEntry.entity_id.in_(key_part))
        eraser.blank("audit", "seq", list(write.session.scalars(told)), ("old", "new"))


def _mandates(write: Write, eraser: Eraser, items: Items) -> None:
    keys = [str(each) for each in items["mandate"]]
    eraser.blank("mandate", "id", items["mandate"], MANDATE_COLUMNS)
    eraser.blank("mandate_event", "mandate_id", items["mandate"], ("comment",))
    for part in chunks(keys):
        told = select(AuditEntry.seq).where(AuditEntry.entity == "mandate", AuditEntry.entity_id.in_(part))
        eraser.blank("audit", "seq", list(write.session.scalars(told)), ("old", "new"))


def _papers(write: Write, eraser: Eraser, items: Items) -> None:
    erase_papers(write, eraser, items["document"])


def _unused_scans(write: Write, eraser: Eraser, items: Items) -> None:
    eraser.replace("stored_file", "id", items["stored_file"], {"erased_at": write.now})


def _waiting(write: Write, eraser: Eraser, items: Items) -> None:
    eraser.erase("waiting_entry", "id", items["waiting_entry"])


def _badge_numbers(write: Write, eraser: Eraser, items: Items) -> None:
    for part in chunks(items["tap"]):
        cut_taps(write.session, eraser, list(write.session.scalars(select(Tap).where(Tap.id.in_(part)))))


def _attendance(write: Write, eraser: Eraser, items: Items) -> None:
    """After the CAF's control a tap keeps its number and its hash, nothing that says whose it was."""
    taps = items.get("tap", [])
    for part in chunks(taps):
        numbers = list(write.session.scalars(select(Tap.tap_id).where(Tap.id.in_(part))))
        eraser.erase("tap_child", "tap_id", numbers)
    eraser.blank("tap", "id", taps, ("badge_uid", "child_ref", "typed_name"))
    eraser.blank("attendance_decision", "id", items.get("attendance_decision", []), ("reason",))
    eraser.blank("declaration", "id", items.get("declaration", []), ("days",))
    eraser.blank("person", "id", items.get("person", []), ("birth_date",))


def _access_log(write: Write, eraser: Eraser, items: Items) -> None:
    eraser.blank("health_access", "id", items["health_access"], ("reader",))


def _accounts(write: Write, eraser: Eraser, items: Items) -> None:
    erase_accounts(write, eraser, items["account"])


def _requests(write: Write, eraser: Eraser, items: Items) -> None:
    eraser.blank("request", "id", items["request"], ("payload", "seen", "asked_by"))


def _audit(write: Write, eraser: Eraser, items: Items) -> None:
    eraser.blank("audit", "seq", items["audit"], ("old", "new"))


_KINDS: dict[str, Callable[[Write, Eraser, Items], None]] = {
    "family_file": _family_files,
    "attendance": _attendance,
    "health": _health,
    "mandate": _mandates,
    "income_proof": _papers,
    "unused_scan": _unused_scans,
    "waiting_list": _waiting,
    "badge_number": _badge_numbers,
    "access_log": _access_log,
    "account": _accounts,
    "request": _requests,
    "audit": _audit,
}
