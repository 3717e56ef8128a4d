"""What people decide about attendance, as rows that never replace a tap (docs/adr/0004)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import IMMUTABLE, Base, Code, Day, Id, Micros, Recorded, facts, one_of, references

DECISION_KINDS = (
    "absent_unjustified",
    "absent_justified",
    "arrival",
    "departure",
    "attach",
    "late_accepted",
    "late_waived",
    "clear",
)
MONTH_STATES = ("confirmed", "locked", "reopened")


class AttendanceDecision(Base):
    """[I] child × service × day × seq: A, AJ, a corrected time, a typed name attached, a late pick-up accepted
    or waived; the last per kind stands.

    `occurred_at` is the corrected instant of arrival/departure; `tap_id` the typed-name tap that is attached.
    """

    __tablename__ = "attendance_decision"
    __table_args__ = (
        UniqueConstraint("child_id", "service_id", "day", "seq"),
        one_of("kind", *DECISION_KINDS),
        {"info": facts("reason")},
    )

    id: Mapped[Id]
    child_id: Mapped[int] = references("person.id", index=False)
    service_id: Mapped[int] = references("service.id")
    structure_id: Mapped[int] = references("structure.id")
    day: Mapped[date] = mapped_column(Date, index=True)
    seq: Mapped[int]
    kind: Mapped[Code]
    occurred_at: Mapped[Micros | None]
    tap_id: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(200))
    absence_reason_id: Mapped[int | None] = references("absence_reason.id", nullable=True)
    recorded_at: Mapped[Micros]
    recorded_by: Mapped[str] = mapped_column(String(80))
    replaces_id: Mapped[int | None] = references("attendance_decision.id", nullable=True)


class MonthState(Recorded, Base):
    """[I] structure × month × seq: confirmed, locked or reopened; the last stands, none = open.

    `month` is its first day. Confirmed or locked: what people decided of its attendance is closed (notes §7).
    """

    __tablename__ = "month_state"
    __table_args__ = (
        UniqueConstraint("structure_id", "month", "seq"),
        one_of("state", *MONTH_STATES),
        CheckConstraint("state <> 'reopened' or reason is not null", name="reopening_has_reason"),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    structure_id: Mapped[int] = references("structure.id", index=False)
    month: Mapped[Day]
    seq: Mapped[int]
    state: Mapped[Code]
    reason: Mapped[str | None] = mapped_column(String(200))
