"""« Papier envoyé »: a document that a family sends, with the scans of its pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from records.actors import Actor
from records.database import Records
from records.models import DocumentKind
from records.operations.family_papers import NewDocument, receive_document
from records.operations.lookup import by_ref, invalid
from records.requests.files import member_of, payer_of, require_own_payer
from records.requests.kind import Asked, Field, Payload, RequestKind, Subject
from records.requests.words import joined, said


class PaperV1(Payload):
    """A paper of a kind that staff define; `pages` are the SHA-256 of its scans, in order."""

    kind_ref: str
    title: str
    pages: tuple[str, ...]
    issued_on: date | None = None
    expires_on: date | None = None


class DocumentV1(Payload):
    """A paper, and whose it is as its kind says: a person's, a payer's, or the whole file's."""

    paper: PaperV1
    person_ref: str | None = None
    payer_ref: str | None = None


class SentDocument(RequestKind[DocumentV1]):
    """Assurance, justificatif, attestation… A health paper goes with what it says of health."""

    code = "document"
    label = "Papiers envoyés"
    payloads = (DocumentV1,)

    def look(self, asked: Asked[DocumentV1]) -> Subject:
        """Return the paper and whose it is."""
        wanted = asked.payload
        kind = by_ref(asked.session, DocumentKind, wanted.paper.kind_ref)
        if kind.is_health:
            raise invalid("Un papier de santé se joint à l'information de santé qu'il explique.")
        payer = payer_of(asked, wanted.payer_ref)
        require_own_payer(asked, payer)
        whose = None
        if wanted.person_ref is not None:
            role = "guardian" if kind.about == "adult" else "child"
            whose = member_of(asked, wanted.person_ref, role)[1]
        fields = paper_fields(kind.label, wanted.paper)
        return Subject(fields, person_id=None if whose is None else whose.id)

    def apply(
        self, records: Records, actor: Actor, asked: Asked[DocumentV1], given: Payload | None
    ) -> tuple[str, ...]:
        """Receive the paper: it serves every service at once."""
        wanted = asked.payload
        receive_paper(records, actor, asked, (wanted.paper, wanted.person_ref, wanted.payer_ref))
        return ()


def paper_fields(label: str, paper: PaperV1) -> tuple[Field, ...]:
    """Return what a paper would add, in words."""
    if not paper.pages:
        raise invalid("Joignez le papier : une photo ou un PDF.")
    until = None if paper.expires_on is None else f"jusqu'au {said(paper.expires_on)}"
    since = None if paper.issued_on is None else f"du {said(paper.issued_on)}"
    pages = f"{len(paper.pages)} page{'s' if len(paper.pages) > 1 else ''}"
    return (Field(f"paper:{paper.pages[0]}", label, None, joined((paper.title, since, until, pages))),)


def receive_paper(
    records: Records, actor: Actor, asked: Asked[Any], sent: tuple[PaperV1, str | None, str | None]
) -> int:
    """Record a paper that was sent, by the operation of staff; returns its id."""
    paper, person_ref, payer_ref = sent
    document = NewDocument(
        paper.kind_ref, paper.title, asked.received_on, person_ref, payer_ref, paper.issued_on, paper.expires_on,
        paper.pages,
    )  # fmt: skip
    return receive_document(records, actor, asked.family.ref, document)
