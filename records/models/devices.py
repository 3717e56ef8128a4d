"""Terminals, their epochs, badges and the personal codes of staff at a terminal."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    VERSIONED,
    Base,
    BigInt,
    Code,
    Day,
    Editable,
    Id,
    Label,
    Micros,
    Ref,
    one_of,
    ordered_range,
    references,
)


class Device(Editable, Base):
    """[M] One row per terminal or tablet; secrets are kept as SHA-256 only."""

    __tablename__ = "device"
    __table_args__ = (one_of("mode", "badge", "roll_call"), {"info": EDITABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    label: Mapped[Label]
    structure_id: Mapped[int] = references("structure.id")
    mode: Mapped[Code]
    enrol_code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    enrol_code_expires_at: Mapped[Micros | None]
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    enrolled_at: Mapped[Micros | None]
    revoked_at: Mapped[Micros | None]


class DeviceStatus(Base):
    """One row per device: what it last said of itself; rewritten at each contact, not audited.

    From `reported_at` on: its last report (`domain.wire.v1.ReportV1`), NULL before the first. `cloned_at` is when a
    machine that had given way to another under the same identity spoke again.
    """

    __tablename__ = "device_status"
    __table_args__ = (one_of("room", "free", "scarce", "full"),)

    device_id: Mapped[int] = mapped_column(BigInt, ForeignKey("device.id"), primary_key=True, autoincrement=False)
    last_seen_at: Mapped[Micros]
    software_version: Mapped[str] = mapped_column(String(40))
    clock_offset_ms: Mapped[Micros | None]
    reported_at: Mapped[Micros | None]
    pending: Mapped[Micros | None]
    oldest_pending_at: Mapped[Micros | None]
    parked: Mapped[Micros | None]
    misfits: Mapped[Micros | None]
    room: Mapped[Code | None]
    recovery: Mapped[str | None] = mapped_column(Text)
    boot_id: Mapped[str | None] = mapped_column(String(64))
    former_boot_id: Mapped[str | None] = mapped_column(String(64))
    cloned_at: Mapped[Micros | None]


class DeviceEpoch(Base):
    """device × epoch: the contiguous watermark (all of 1..watermark are kept) and the highest seq seen.

    `digest` tells the contents kept (domain.wire.digest); NULL when nobody knows, as after an import without it.
    """

    __tablename__ = "device_epoch"
    __table_args__ = (UniqueConstraint("device_id", "epoch"), Index("ix_device_epoch_epoch", "epoch"))

    id: Mapped[Id]
    device_id: Mapped[int] = references("device.id", index=False)
    epoch: Mapped[str] = mapped_column(String(32))
    watermark: Mapped[Micros]
    last_seq: Mapped[Micros]
    first_seen_at: Mapped[Micros]
    last_seen_at: Mapped[Micros]
    digest: Mapped[str | None] = mapped_column(String(32))


class BadgeAssignment(Editable, Base):
    """[M] badge × holder over a range; an adult's badge brings the children of `badge_child`."""

    __tablename__ = "badge_assignment"
    __table_args__ = (
        Index("ix_badge_assignment_uid", "badge_uid"),
        UniqueConstraint("badge_uid", "valid_from"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    badge_uid: Mapped[str] = mapped_column(String(20))
    holder_id: Mapped[int] = references("person.id")
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)


class BadgeChild(Base):
    """[V] badge assignment × child: whom a tap of the badge brings (the holder, or an adult's children)."""

    __tablename__ = "badge_child"
    __table_args__ = (UniqueConstraint("assignment_id", "child_id"), {"info": VERSIONED})

    id: Mapped[Id]
    assignment_id: Mapped[int] = references("badge_assignment.id", index=False)
    child_id: Mapped[int] = references("person.id")


class AgentCode(Editable, Base):
    """[M] person × structure over a range: the hashed code that opens a terminal's staff area offline."""

    __tablename__ = "agent_code"
    __table_args__ = (ordered_range(), {"info": EDITABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    account_id: Mapped[int] = references("account.id")
    structure_id: Mapped[int] = references("structure.id")
    code_hash: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)
