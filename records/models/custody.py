"""Who has a child: custody calendars with their exceptions and holidays, placements and written delegations."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    VERSIONED,
    Base,
    Code,
    Dated,
    Day,
    Editable,
    Id,
    Recorded,
    one_of,
    ordered_range,
    references,
)

# What a holiday rule names; the days of each come from `calendar_day`.
HOLIDAYS = ("autumn", "christmas", "winter", "spring", "summer")


class CustodyCalendar(Base):
    """[V] child × valid_from: which of two payers has the child each day of a 14-day cycle.

    `pattern` is 14 characters « 1 » or « 2 » from `anchor_on`; ISO week parity alone is wrong (53 weeks in 2026).
    """

    __tablename__ = "custody_calendar"
    __table_args__ = (
        UniqueConstraint("child_id", "valid_from"),
        CheckConstraint("length(pattern) = 14", name="fourteen_days"),
        CheckConstraint("payer_1_id <> payer_2_id", name="two_payers"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    child_id: Mapped[int] = references("person.id", index=False)
    valid_from: Mapped[Day]
    anchor_on: Mapped[Day]
    pattern: Mapped[str] = mapped_column(String(14))
    payer_1_id: Mapped[int] = references("payer.id")
    payer_2_id: Mapped[int] = references("payer.id")


class CustodyException(Recorded, Base):
    """[V] child × day × seq: the payer who has the child that day, whatever the cycle says; the last one stands.

    `payer_id` NULL takes earlier exceptions of the day back.
    """

    __tablename__ = "custody_exception"
    __table_args__ = (UniqueConstraint("child_id", "day", "seq"), {"info": {**VERSIONED, "personal": ("reason",)}})

    id: Mapped[Id]
    child_id: Mapped[int] = references("person.id", index=False)
    day: Mapped[date] = mapped_column(Date)
    seq: Mapped[int]
    payer_id: Mapped[int | None] = references("payer.id", nullable=True)
    reason: Mapped[str] = mapped_column(String(200))


class CustodyHoliday(Recorded, Base):
    """[V] child × holiday × valid_from: who has the first and the second half of a holiday.

    In a year of the parity of `anchor_year`, and in every year unless `alternates`, the first half is
    `first_payer_id`'s; in the other years the halves are swapped. A holiday's year is that of its first day.
    """

    __tablename__ = "custody_holiday"
    __table_args__ = (
        UniqueConstraint("child_id", "holiday", "valid_from"),
        one_of("holiday", *HOLIDAYS),
        CheckConstraint("first_payer_id <> second_payer_id", name="two_payers"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    child_id: Mapped[int] = references("person.id", index=False)
    holiday: Mapped[Code]
    valid_from: Mapped[Day]
    anchor_year: Mapped[int]
    alternates: Mapped[bool]
    first_payer_id: Mapped[int] = references("payer.id")
    second_payer_id: Mapped[int] = references("payer.id")


class Placement(Dated, Editable, Base):
    """[M] child × range: a placed child, the person or body who looks after them, and the authority that decided.

    The carer is the payer, the representatives are not (domain notes §3). No court decision is ever attached.
    """

    __tablename__ = "placement"
    __table_args__ = (
        UniqueConstraint("child_id", "valid_from"),
        CheckConstraint("(carer_id is null) <> (carer_body_id is null)", name="one_carer"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    child_id: Mapped[int] = references("person.id", index=False)
    carer_id: Mapped[int | None] = references("person.id", nullable=True)
    carer_body_id: Mapped[int | None] = references("paying_body.id", nullable=True)
    authority_id: Mapped[int | None] = references("paying_body.id", nullable=True)
    referent: Mapped[str | None] = mapped_column(String(200))


class Delegation(Dated, Editable, Base):
    """[M] child × carer × range: the written paper that lets a carer sign, and who gave it."""

    __tablename__ = "delegation"
    __table_args__ = (
        UniqueConstraint("child_id", "carer_id", "valid_from"),
        one_of("given_by", "parents", "ase"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    child_id: Mapped[int] = references("person.id", index=False)
    carer_id: Mapped[int] = references("person.id")
    given_by: Mapped[Code]
    signed_on: Mapped[Day]
    covers: Mapped[str] = mapped_column(String(400))
    document_id: Mapped[int | None] = references("document.id", nullable=True)
