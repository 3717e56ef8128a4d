"""Papers past their time: nothing tells what they were, and their scans leave the disk (`sweep_files`)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from records.database import Write
from records.models import Document, DocumentFile, StoredFile
from records.operations.erasure import ERASED_TITLE, Eraser
from records.operations.lookup import chunks


def erase_papers(write: Write, eraser: Eraser, document_ids: Collection[int]) -> None:
    """Erase papers and their scans, inside an open window; a scan that another paper still shows stays."""
    session = write.session
    eraser.replace("document", "id", document_ids, {"title": ERASED_TITLE, "refusal": None})
    others = (
        select(DocumentFile.sha256)
        .join(Document, Document.id == DocumentFile.document_id)
        .where(Document.title != ERASED_TITLE)
    )
    gone: set[int] = set()
    for part in chunks(sorted(document_ids)):
        shown = select(DocumentFile.sha256).where(DocumentFile.document_id.in_(part))
        files = select(StoredFile.id).where(StoredFile.sha256.in_(shown), StoredFile.sha256.not_in(others))
        gone.update(session.scalars(files.where(StoredFile.erased_at.is_(None))))
    eraser.replace("stored_file", "id", gone, {"erased_at": write.now})
