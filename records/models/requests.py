"""What families and staff ask for, and what was decided: a request never touches the record by itself."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.encryption import EncryptedText
from records.models.base import Base, BigInt, Code, Day, Id, Micros, Recorded, Ref, facts, one_of, references

REQUEST_CHANNELS = ("portal", "counter", "post", "email", "phone")
REQUEST_DECISIONS = ("accept", "refuse", "withdraw")


class Request(Base):
    """[I] One row per thing asked: a kind, a version of its payload, and the row it was made against.

    `payload` (what is wanted) is JSON of the pydantic model of (kind, payload_version), `seen` the words of each
    value as the person saw it, by key; encrypted: they may hold health data or an IBAN. `row_version` is that of
    `entity`/`entity_id` then: another one now, or another value, is a conflict. Without a decision it is pending.
    `asker_id` is the guardian in whose name staff recorded it, who may have no account; NULL from the portal.
    """

    __tablename__ = "request"
    __table_args__ = (
        Index("ix_request_kind_received", "kind", "received_at"),
        one_of("channel", *REQUEST_CHANNELS),
        CheckConstraint("payload_version >= 1", name="payload_version"),
        CheckConstraint("(entity is null) = (entity_id is null)", name="entity"),
        {"info": facts("payload", "seen", "asked_by")},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    kind: Mapped[Code]
    payload_version: Mapped[int]
    family_id: Mapped[int | None] = references("family.id", nullable=True)
    person_id: Mapped[int | None] = references("person.id", nullable=True)
    structure_id: Mapped[int | None] = references("structure.id", nullable=True)
    service_id: Mapped[int | None] = references("service.id", nullable=True)
    entity: Mapped[str | None] = mapped_column(String(60))
    entity_id: Mapped[int | None] = mapped_column(BigInt)
    row_version: Mapped[int | None]
    payload: Mapped[str | None] = mapped_column(EncryptedText("request.payload"))
    seen: Mapped[str | None] = mapped_column(EncryptedText("request.seen"))
    channel: Mapped[Code]
    received_on: Mapped[Day]
    received_at: Mapped[Micros]
    account_id: Mapped[int | None] = references("account.id", nullable=True)
    asker_id: Mapped[int | None] = references("person.id", nullable=True)
    asked_by: Mapped[str | None] = mapped_column(String(80))


class RequestDecision(Recorded, Base):
    """[I] request (one only): accepted, refused or withdrawn, by whom and why.

    `change_seq` is the operation that wrote what was accepted, so that the audit shows it.
    """

    __tablename__ = "request_decision"
    __table_args__ = (
        UniqueConstraint("request_id"),
        one_of("decision", *REQUEST_DECISIONS),
        CheckConstraint("decision <> 'refuse' or reason is not null", name="refusal_has_reason"),
        {"info": facts("reason")},
    )

    id: Mapped[Id]
    request_id: Mapped[int] = references("request.id", index=False)
    decision: Mapped[Code]
    reason: Mapped[str | None] = mapped_column(String(400))
    is_automatic: Mapped[bool]
    change_seq: Mapped[Micros]
