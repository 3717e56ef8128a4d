"""Raw taps, whom cut ones brought, and what could not be read as a tap: kept for ever, never edited."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import EDITABLE, Base, Code, Editable, Id, Micros, facts, one_of, references

_IS_UNDO = text("undoes is not null")
_IS_DOUBTFUL = text("time_confidence = 'doubtful'")


class Tap(Base):
    """[I] One row per gesture, once for ever: unique by `tap_id` and by device × epoch × seq.

    Subject, service and direction are as claimed by the terminal; `occurred_at` is its clock, `received_at` ours,
    `occurred_at_corrected` our best reading with its confidence. `flags` is a sorted, comma-separated list of
    what a person should review (unknown_badge, unknown_child, unknown_service, revoked_device, doubtful_time).
    """

    __tablename__ = "tap"
    __table_args__ = (
        UniqueConstraint("device_id", "epoch", "seq"),
        # The subject rides along: whose taps these are is read from the index alone. An index of the subject by
        # itself would cost each tap a page at random (docs/adr/0007).
        Index("ix_tap_device_occurred", "device_id", "occurred_at_corrected", "badge_uid", "child_ref"),
        Index("ix_tap_undoes", "undoes", sqlite_where=_IS_UNDO, postgresql_where=_IS_UNDO),
        # What asks a person for its time is found without a look at the others, which are nearly all.
        Index("ix_tap_doubtful", "epoch", "seq", sqlite_where=_IS_DOUBTFUL, postgresql_where=_IS_DOUBTFUL),
        one_of("kind", "badge", "roll_call", "undo"),
        one_of("direction", "arrival", "departure"),
        one_of("time_confidence", "synced", "assumed", "doubtful"),
        {"info": facts("badge_uid", "typed_name", "child_ref")},
    )

    id: Mapped[Id]
    tap_id: Mapped[str] = mapped_column(String(32), unique=True)
    device_id: Mapped[int] = references("device.id", index=False)
    epoch: Mapped[str] = mapped_column(String(32))
    seq: Mapped[Micros]
    kind: Mapped[Code]
    badge_uid: Mapped[str | None] = mapped_column(String(20))
    child_ref: Mapped[str | None] = mapped_column(String(64))
    typed_name: Mapped[str | None] = mapped_column(String(80))
    undoes: Mapped[str | None] = mapped_column(String(32))
    service_ref: Mapped[str | None] = mapped_column(String(64))
    class_ref: Mapped[str | None] = mapped_column(String(64))
    direction: Mapped[str | None] = mapped_column(String(40))
    agent_ref: Mapped[str | None] = mapped_column(String(64))
    occurred_at: Mapped[Micros]
    mono_ms: Mapped[Micros]
    boot_id: Mapped[str] = mapped_column(String(64))
    clock_offset_ms: Mapped[Micros | None]
    clock_offset_age_ms: Mapped[Micros | None]
    received_at: Mapped[Micros]
    occurred_at_corrected: Mapped[Micros]
    time_confidence: Mapped[Code]
    payload_hash: Mapped[str] = mapped_column(String(64))
    flags: Mapped[str] = mapped_column(String(200))


class TapChild(Editable, Base):
    """[M] tap × child whom it brought, written when its badge number or name is cut (domain notes §10).

    The hours of a child can so still be shown to the CAF, without the number that anybody may read on a badge.
    """

    __tablename__ = "tap_child"
    __table_args__ = (UniqueConstraint("tap_id", "child_id"), {"info": EDITABLE})

    id: Mapped[Id]
    tap_id: Mapped[str] = mapped_column(String(32), ForeignKey("tap.tap_id"))
    child_id: Mapped[int] = references("person.id")


class TapQuarantine(Base):
    """[I] One row per thing received that is not a tap we can keep as such: its bytes, and why.

    `content_hash` makes a resend find the same row. A settlement is a new row, without content, that points at the
    thing settled with `settles_id` and says who settled it, with which outcome, and why (`note`); one for ever.
    """

    __tablename__ = "tap_quarantine"
    __table_args__ = (
        UniqueConstraint("device_id", "content_hash", "reason"),
        Index("ix_tap_quarantine_settles_id", "settles_id", unique=True),
        one_of("outcome", "entered", "received", "no_effect"),
        {"info": facts("content", "detail", "note")},
    )

    id: Mapped[Id]
    device_id: Mapped[int | None] = references("device.id", index=False, nullable=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    content_hash: Mapped[str] = mapped_column(String(64))
    reason: Mapped[Code]
    detail: Mapped[str] = mapped_column(String(400))
    received_at: Mapped[Micros]
    settles_id: Mapped[int | None] = references("tap_quarantine.id", index=False, nullable=True)
    settled_by: Mapped[str | None] = mapped_column(String(80))
    outcome: Mapped[Code | None]
    note: Mapped[str | None] = mapped_column(String(400))
