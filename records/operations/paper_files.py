"""The scans of papers, kept beside the database under their SHA-256, each encrypted (ADR 0013, domain notes §3)."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from domain.errors import NotFound
from records.actors import Actor, Right
from records.database import Records, Write
from records.encryption import keyring_of
from records.models import Document, DocumentFile, DocumentKind, StoredFile
from records.operations.family_file import log_health_reading
from records.operations.lookup import add, add_all, change, invalid
from records.operations.registry import Scope, operation

FOLDER = "papers"  # beside the database, in MARELLE_HOME
BYTES_MAX = 10_000_000
PAGES_MAX = 20
_PURPOSE = "stored_file.bytes"
# What a scan begins with: the name and the type that a browser gives are anybody's word.
_KINDS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def keep_file(records: Records, actor: Actor, folder: Path, content: bytes) -> str:
    """Keep a scan that staff were handed: PDF, JPEG or PNG; returns its SHA-256. Raises InvalidData."""
    return _keep(records, actor, folder, ("keep_file", content))


@operation(Right.ASK_FOR_OWN_FAMILY)
def send_file(records: Records, actor: Actor, folder: Path, content: bytes) -> str:
    """Keep a scan that a family sends, for the request that will name it; returns its SHA-256."""
    return _keep(records, actor, folder, ("send_file", content))


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE, also=frozenset({Right.SEE_HEALTH}))
def read_page(records: Records, actor: Actor, folder: Path, document_id: int, page: int) -> tuple[str, bytes]:
    """Return the type and bytes of a page, from 1; a health paper takes the right to see it, and is logged.

    Raises NotFound, also for a page that was erased, or whose file is lost.
    """
    with records.read() as session:
        found = session.execute(
            select(DocumentKind.is_health, Document.person_id, StoredFile.sha256, StoredFile.media_type)
            .select_from(DocumentFile)
            .join(Document, Document.id == DocumentFile.document_id)
            .join(DocumentKind, DocumentKind.id == Document.kind_id)
            .join(StoredFile, StoredFile.sha256 == DocumentFile.sha256)
            .where(DocumentFile.document_id == document_id, DocumentFile.page == page)
            .where(StoredFile.erased_at.is_(None))
        ).first()
    if found is None or not _place(folder, found.sha256).exists():
        raise NotFound("Cette page n'est pas gardée ici. Demandez à nouveau le papier.", document_id=document_id)
    if found.is_health:
        actor.require_somewhere(Right.SEE_HEALTH)
        log_health_reading(records, actor, [found.person_id], "read_page")
    stored = _place(folder, found.sha256).read_text(encoding="ascii")
    keyring = keyring_of(records.engine.dialect)
    return found.media_type, base64.b64decode(keyring.decrypt(stored, _PURPOSE))


@operation(Right.RUN_JOBS)
def sweep_files(records: Records, actor: Actor, folder: Path) -> int:
    """Remove from the disk what a purge order erased; returns how many files. Called again, it does nothing."""
    erased = select(StoredFile.sha256).where(StoredFile.erased_at.is_not(None))
    with records.read() as session:
        if not _on_disk(folder, session.scalars(erased).all()):
            return 0
    # Held until the files are gone: a scan that is sent again is kept either before, and stays, or after.
    with records.upkeep() as work:
        gone = _on_disk(folder, work.scalars(erased.with_for_update()).all())
        for place in gone:
            place.unlink()
    return len(gone)


def attach_pages(write: Write, document_id: int, pages: Sequence[str]) -> None:
    """Give a document the scans of its pages, in order. Raises InvalidData for one that is not kept."""
    if len(pages) > PAGES_MAX:
        raise invalid(f"Un papier a {PAGES_MAX} pages au plus : réunissez-les dans un seul fichier.")
    held = select(StoredFile.sha256).where(StoredFile.sha256.in_(pages), StoredFile.erased_at.is_(None))
    known = set(write.session.scalars(held))
    if not known.issuperset(pages):
        raise invalid("Le fichier joint n'est pas arrivé. Joignez-le à nouveau.")
    rows = [DocumentFile(document_id=document_id, page=page, sha256=each) for page, each in enumerate(pages, 1)]
    add_all(write, rows)


def _keep(records: Records, actor: Actor, folder: Path, sent: tuple[str, bytes]) -> str:
    operation_name, content = sent
    if not 0 < len(content) <= BYTES_MAX:
        raise invalid(f"Un fichier fait {BYTES_MAX // 1_000_000} Mo au plus, et n'est pas vide.")
    media_type = next((kind for begin, kind in _KINDS.items() if content.startswith(begin)), None)
    if media_type is None:
        raise invalid("Envoyez un PDF, ou une photo en JPEG ou PNG.")
    sha256 = hashlib.sha256(content).hexdigest()
    encrypted = keyring_of(records.engine.dialect).encrypt(_text(content), _PURPOSE)
    _write(_place(folder, sha256), encrypted)
    with records.write(actor, operation_name) as write:
        known = write.session.scalar(select(StoredFile).where(StoredFile.sha256 == sha256))
        if known is not None:
            # Kept from now on: a page that nobody names yet has its whole delay again.
            change(write, known, {"erased_at": None, "stored_at": write.now})
        else:
            row = StoredFile(
                sha256=sha256,
                media_type=media_type,
                size_bytes=len(content),
                is_encrypted=True,
                stored_at=write.now,
            )
            add(write, row)
    if not _place(folder, sha256).exists():  # swept between the two, as erased
        _write(_place(folder, sha256), encrypted)
    return sha256


def _write(place: Path, text: str) -> None:
    """Write a file whole or not at all, for its owner alone; on the disk before any row names it."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = place.with_suffix(f".{os.getpid()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(place)


def _on_disk(folder: Path, names: Sequence[str]) -> list[Path]:
    return [place for sha256 in names if (place := _place(folder, sha256)).exists()]


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _place(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256
