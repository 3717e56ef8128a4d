"""Scales of aids that a body publishes, and the quarterly recap of vouchers: its dates, and who passed it on."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    VERSIONED,
    Base,
    Code,
    Day,
    Id,
    Label,
    Micros,
    Recorded,
    facts,
    one_of,
    references,
)
from records.models.bodies import COVERAGE_UNITS

QF_DAYS = ("on_day", "january")
RECAP_STEPS = ("sent", "relayed", "received", "returned")


class AidScale(Recorded, Base):
    """[V] paying body × valid_from × seq: what it pays per `unit` by QF (leisure vouchers of a CAF).

    `qf_day`: the QF of the day itself, or that of 1 January before it. The last version in force stands.
    """

    __tablename__ = "aid_scale"
    __table_args__ = (
        UniqueConstraint("body_id", "valid_from", "seq"),
        one_of("unit", *COVERAGE_UNITS),
        one_of("qf_day", *QF_DAYS),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    body_id: Mapped[int] = references("paying_body.id", index=False)
    valid_from: Mapped[Day]
    seq: Mapped[int]
    decision: Mapped[Label]
    unit: Mapped[Code]
    qf_day: Mapped[Code]


class AidBand(Base):
    """[V] scale × QF band `[qf_from_e2, qf_to_e2)`, in hundredths: cents per unit; outside the bands nothing."""

    __tablename__ = "aid_band"
    __table_args__ = (
        UniqueConstraint("scale_id", "qf_from_e2"),
        CheckConstraint("qf_from_e2 >= 0 and qf_to_e2 > qf_from_e2", name="band_order"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    scale_id: Mapped[int] = references("aid_scale.id", index=False)
    qf_from_e2: Mapped[int]
    qf_to_e2: Mapped[int]
    amount_cents: Mapped[Micros]


class RecapCalendar(Recorded, Base):
    """[V] valid_from × seq: the days of the year on which vouchers are passed on, « 03-31 06-30 08-31 12-31 ».

    Each structure is reminded `reminder_days` before.
    """

    __tablename__ = "recap_calendar"
    __table_args__ = (
        UniqueConstraint("valid_from", "seq"),
        CheckConstraint("reminder_days between 0 and 60", name="reminder_days"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    valid_from: Mapped[Day]
    seq: Mapped[int]
    decision: Mapped[Label]
    days: Mapped[str] = mapped_column(String(200))
    reminder_days: Mapped[int]


class VoucherRecap(Recorded, Base):
    """[I] structure × due day × seq: the recap sent by a director, relayed by the sector, received by finance."""

    __tablename__ = "voucher_recap"
    __table_args__ = (
        UniqueConstraint("structure_id", "due_on", "seq"),
        one_of("step", *RECAP_STEPS),
        CheckConstraint("step <> 'returned' or comment is not null", name="return_has_reason"),
        {"info": facts("comment")},
    )

    id: Mapped[Id]
    structure_id: Mapped[int] = references("structure.id", index=False)
    due_on: Mapped[Day]
    seq: Mapped[int]
    step: Mapped[Code]
    comment: Mapped[str | None] = mapped_column(String(400))
