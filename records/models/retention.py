"""How long each kind of data is kept, and what was purged, on whose order, with proof."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    IMMUTABLE,
    VERSIONED,
    Base,
    BigInt,
    Code,
    Dated,
    Day,
    Editable,
    Id,
    Label,
    Micros,
    Recorded,
    Ref,
    one_of,
    ordered_range,
    references,
)

DATA_KINDS = (
    "family_file",
    "attendance",
    "accounting",
    "health",
    "mandate",
    "income_proof",
    "unused_scan",
    "waiting_list",
    "badge_number",
    "access_log",
    "account",
    "request",
    "audit",
)


class RetentionRule(Recorded, Base):
    """[V] data kind × valid_from × seq: how long it is kept after what, then its end (CAF notes §7)."""

    __tablename__ = "retention_rule"
    __table_args__ = (
        UniqueConstraint("data_kind", "valid_from", "seq"),
        one_of("data_kind", *DATA_KINDS),
        one_of("counted_from", "last_use", "school_year_end", "billed", "recorded", "revoked", "decided"),
        one_of("ending", "erase", "anonymise"),
        CheckConstraint("months >= 0", name="months"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    data_kind: Mapped[Code]
    valid_from: Mapped[Day]
    seq: Mapped[int]
    months: Mapped[int]
    counted_from: Mapped[Code]
    ending: Mapped[Code]
    source: Mapped[Label]


class PurgeList(Recorded, Base):
    """[I] One row per list drawn up: the rule, the day it was judged on, and a hash of its items."""

    __tablename__ = "purge_list"
    __table_args__ = (one_of("data_kind", *DATA_KINDS), {"info": IMMUTABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    data_kind: Mapped[Code]
    rule_id: Mapped[int] = references("retention_rule.id")
    judged_on: Mapped[Day]
    item_count: Mapped[int]
    items_hash: Mapped[str] = mapped_column(String(64))


class PurgeItem(Base):
    """[I] list × row that is past its time, and since when; names are read live, never copied here."""

    __tablename__ = "purge_item"
    __table_args__ = (UniqueConstraint("list_id", "entity", "entity_id"), {"info": IMMUTABLE})

    id: Mapped[Id]
    list_id: Mapped[int] = references("purge_list.id", index=False)
    entity: Mapped[str] = mapped_column(String(60))
    entity_id: Mapped[int] = mapped_column(BigInt)
    due_on: Mapped[date] = mapped_column(Date)


class PurgeOrder(Recorded, Base):
    """[I] list (one order only): an administrator orders that it be carried out, and why."""

    __tablename__ = "purge_order"
    __table_args__ = (UniqueConstraint("list_id"), {"info": IMMUTABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    list_id: Mapped[int] = references("purge_list.id", index=False)
    reason: Mapped[Label]


class PurgeProof(Base):
    """[I] order × table: how many rows were erased or blanked, which columns, when; no personal value."""

    __tablename__ = "purge_proof"
    __table_args__ = (UniqueConstraint("order_id", "table_name", "done"), {"info": IMMUTABLE})

    id: Mapped[Id]
    order_id: Mapped[int] = references("purge_order.id", index=False)
    table_name: Mapped[str] = mapped_column(String(60))
    done: Mapped[Code]
    column_names: Mapped[str] = mapped_column(Text)
    row_count: Mapped[int]
    done_at: Mapped[Micros]


class PurgeWindow(Base):
    """One row: the order being carried out, inside its own transaction only; the triggers look here."""

    __tablename__ = "purge_window"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_id: Mapped[int | None] = references("purge_order.id", nullable=True)


class ProcessingActivity(Dated, Editable, Base):
    """[M] One row per processing of the register (RGPD art. 30): why, on which basis, which data, for whom."""

    __tablename__ = "processing_activity"
    __table_args__ = (ordered_range(), {"info": EDITABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    label: Mapped[Label]
    purpose: Mapped[str] = mapped_column(Text)
    legal_basis: Mapped[str] = mapped_column(Text)
    data_categories: Mapped[str] = mapped_column(Text)
    recipients: Mapped[str] = mapped_column(Text)
    retention: Mapped[str] = mapped_column(Text)
    security: Mapped[str] = mapped_column(Text)
