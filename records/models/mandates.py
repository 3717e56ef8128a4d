"""SEPA mandates: the account is encrypted at rest, and a changed IBAN is a new mandate."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from records.encryption import EncryptedText
from records.models.base import EDITABLE, Base, Code, Editable, Id, Recorded, facts, one_of, references

MANDATE_STATES = ("draft", "awaiting_signature", "active", "revoked")
_IS_ACTIVE = text("state = 'active'")


class Mandate(Editable, Base):
    """[M] One row per SEPA mandate of a payer; one active at most; until it is, nothing is debited.

    `iban_end` are the last four characters, all that most screens may show. States: draft → awaiting signature →
    active → revoked (domain notes §3).
    """

    __tablename__ = "mandate"
    __table_args__ = (
        Index(
            "uq_mandate_active_of_payer",
            "payer_id",
            unique=True,
            sqlite_where=_IS_ACTIVE,
            postgresql_where=_IS_ACTIVE,
        ),
        one_of("state", *MANDATE_STATES),
        CheckConstraint("debit_day between 1 and 28", name="debit_day"),
        CheckConstraint("state <> 'active' or signed_on is not null", name="active_is_signed"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    rum: Mapped[str] = mapped_column(String(35), unique=True)
    payer_id: Mapped[int] = references("payer.id")
    state: Mapped[Code]
    holder_name: Mapped[str] = mapped_column(EncryptedText("mandate.holder_name"))
    iban: Mapped[str] = mapped_column(EncryptedText("mandate.iban"))
    iban_end: Mapped[str] = mapped_column(String(4))
    bic: Mapped[str | None] = mapped_column(String(11))
    debit_day: Mapped[int]
    signed_on: Mapped[date | None] = mapped_column(Date)
    replaces_id: Mapped[int | None] = references("mandate.id", nullable=True)


class MandateEvent(Recorded, Base):
    """[I] mandate × seq: each change of state, each debit, each rejection by the bank, and why."""

    __tablename__ = "mandate_event"
    __table_args__ = (
        UniqueConstraint("mandate_id", "seq"),
        one_of("kind", *MANDATE_STATES, "debited", "rejected"),
        {"info": facts("comment")},
    )

    id: Mapped[Id]
    mandate_id: Mapped[int] = references("mandate.id", index=False)
    seq: Mapped[int]
    kind: Mapped[Code]
    document_id: Mapped[int | None] = references("document.id", nullable=True)
    comment: Mapped[str | None] = mapped_column(String(400))
