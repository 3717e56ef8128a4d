"""Who did what, and the watermark of the records."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, Id, Micros, facts


class AuditEntry(Base):
    """[I] One row per change made by an operation: actor, entity, old and new values as JSON."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_entity", "entity", "entity_id"),
        {"info": facts("actor", "entity_id", "old", "new")},
    )

    seq: Mapped[Id]
    change_seq: Mapped[Micros] = mapped_column(index=True)
    occurred_at: Mapped[Micros]
    actor: Mapped[str] = mapped_column(String(80))
    operation: Mapped[str] = mapped_column(String(80))
    entity: Mapped[str] = mapped_column(String(60))
    entity_id: Mapped[str] = mapped_column(String(64))
    old: Mapped[str | None] = mapped_column(Text)
    new: Mapped[str | None] = mapped_column(Text)


class ChangeSeq(Base):
    """One row: the number of operations committed; the watermark of a warehouse snapshot."""

    __tablename__ = "change_seq"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[Micros] = mapped_column(default=0)
