"""Messages that wait to leave: written with what they tell of, carried afterwards (data-model: message_outbox)."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from records.encryption import EncryptedText
from records.models.base import Base, Code, Id, Micros, one_of, references

LINK_KINDS = ("activate", "reset")
MESSAGE_KINDS = (
    *LINK_KINDS,
    "request_accepted",
    "request_refused",
    "place_offered",
    "child_placed",
    "invoice",
    "task_due",
    "recap_due",
    "meal_order",
)
MESSAGE_STATES = ("waiting", "sent", "given_up")


class MessageOutbox(Base):
    """One row per message to an address, whose `key` makes it leave once; no fact, and no audit of its own.

    A link's later message stops the earlier ones; what was decided is told once. `content` (JSON, by kind) is
    emptied once the message has left or is given up: it may hold a link's token.
    """

    __tablename__ = "message_outbox"
    __table_args__ = (one_of("kind", *MESSAGE_KINDS), one_of("state", *MESSAGE_STATES))

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[Code]
    account_id: Mapped[int | None] = references("account.id", nullable=True)
    address: Mapped[str] = mapped_column(String(200))
    content: Mapped[str | None] = mapped_column(EncryptedText("message_outbox.content"))
    state: Mapped[Code] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(400))
    created_at: Mapped[Micros]
    expires_at: Mapped[Micros]
    done_at: Mapped[Micros | None]
