"""What each payer owes and has paid, as entries that are only added."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from records.models.base import IMMUTABLE, Base, Code, Day, Id, Label, Micros, one_of, references


class LedgerEntry(Base):
    """[I] One row per movement of a payer's account, in cents: positive is owed, negative is in their favour."""

    __tablename__ = "ledger_entry"
    __table_args__ = (one_of("kind", "opening", "invoice", "payment", "adjustment"), {"info": IMMUTABLE})

    id: Mapped[Id]
    payer_id: Mapped[int] = references("payer.id")
    kind: Mapped[Code]
    amount_cents: Mapped[Micros]
    label: Mapped[Label]
    occurred_on: Mapped[Day]
    recorded_at: Mapped[Micros]
    recorded_by: Mapped[Label]
