"""What an order does to each kind of data, its items being given by table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import select

from records.database import Write
from records.models import AuditEntry, Document, DocumentFile, StoredFile, Tap
from records.operations.erasure import ERASED_TITLE, Eraser
from records.operations.erasure_accounts import erase_accounts
from records.operations.erasure_family import MANDATE_COLUMNS, erase_families
from records.operations.erasure_taps import cut_taps
from records.operations.lookup import chunks

Items = Mapping[str, list[int]]


def carry_out_kind(write: Write, eraser: Eraser, kind: str, items: Items) -> None:
    """Erase or anonymise the items of a kind, inside an open window."""
    _KINDS[kind](write, eraser, items)


def _family_files(write: Write, eraser: Eraser, items: Items) -> None:
    erase_families(write, eraser, items["family"])


def _health(write: Write, eraser: Eraser, items: Items) -> None:
    """The audit of a note holds what it said, encrypted: it goes too."""
    keys = [str(each) for each in items["health_note"]]
    eraser.erase("health_note", "id", items["health_note"])
    for part in chunks(keys):
        told = select(AuditEntry.seq).where(AuditEntry.entity == "health_note", AuditEntry.entity_id.in_(part))
        eraser.blank("audit", "seq", list(write.session.scalars(told)), ("old", "new"))


def _mandates(write: Write, eraser: Eraser, items: Items) -> None:
    keys = [str(each) for each in items["mandate"]]
    eraser.blank("mandate", "id", items["mandate"], MANDATE_COLUMNS)
    eraser.blank("mandate_event", "mandate_id", items["mandate"], ("comment",))
    for part in chunks(keys):
        told = select(AuditEntry.seq).where(AuditEntry.entity == "mandate", AuditEntry.entity_id.in_(part))
        eraser.blank("audit", "seq", list(write.session.scalars(told)), ("old", "new"))


def _income_proofs(write: Write, eraser: Eraser, items: Items) -> None:
    """A file that another paper still shows stays."""
    session, ids = write.session, items["document"]
    eraser.replace("document", "id", ids, {"title": ERASED_TITLE, "refusal": None})
    files = set(session.scalars(select(DocumentFile.sha256).where(DocumentFile.document_id.in_(ids))))
    others = (
        select(DocumentFile.sha256)
        .join(Document, Document.id == DocumentFile.document_id)
        .where(Document.title != ERASED_TITLE)
    )
    gone = select(StoredFile.id).where(StoredFile.sha256.in_(files), StoredFile.sha256.not_in(others))
    eraser.replace("stored_file", "id", list(session.scalars(gone)), {"erased_at": write.now})


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
    "income_proof": _income_proofs,
    "waiting_list": _waiting,
    "badge_number": _badge_numbers,
    "access_log": _access_log,
    "account": _accounts,
    "request": _requests,
    "audit": _audit,
}
