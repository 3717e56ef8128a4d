"""What people say of taps that never came: a settlement points at the hole and never replaces a tap."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import IMMUTABLE, Base, Code, Id, Micros, one_of, references

HOLE_OUTCOMES = ("list_typed_in", "declared_closed")


class HoleSettlement(Base):
    """[I] device × hole: numbers `first_missing`..`last_missing` of an epoch, or, without an epoch, a silence.

    `from_at`..`until_at` is when the missing taps can have been made, as it was known to whoever settled.
    """

    __tablename__ = "hole_settlement"
    __table_args__ = (
        Index("ix_hole_settlement_epoch", "epoch"),
        one_of("outcome", *HOLE_OUTCOMES),
        CheckConstraint(
            "(epoch is null) = (first_missing is null) and (epoch is null) = (last_missing is null)",
            name="numbers_of_an_epoch",
        ),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    device_id: Mapped[int] = references("device.id")
    epoch: Mapped[str | None] = mapped_column(String(32))
    first_missing: Mapped[Micros | None]
    last_missing: Mapped[Micros | None]
    from_at: Mapped[Micros]
    until_at: Mapped[Micros]
    outcome: Mapped[Code]
    reason: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[Micros]
    recorded_by: Mapped[str] = mapped_column(String(80))
