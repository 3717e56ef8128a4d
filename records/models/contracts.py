"""Early-childhood contracts: the hours a family reserves, paid in equal months (CAF notes §1.2)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import VERSIONED, Base, Day, Id, Recorded, ordered_range, references


class CareContract(Recorded, Base):
    """[V] enrolment × valid_from × seq: hours reserved over [valid_from, valid_to), billed in equal months.

    A month's hours: (`minutes_per_week` × `weeks` − `deducted_minutes`) / `months`; `deducted_minutes` are closures
    and leave known when it was signed, `unbilled_month` (1–12) the calendar month without a bill. A later version
    takes over from its first day. Until `free_until`, days of adaptation: counted, no overtime billed. The hours of
    each day are those of the enrolment's patterns. Source: the contract signed.
    """

    __tablename__ = "care_contract"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "valid_from", "seq"),
        ordered_range(),
        CheckConstraint("minutes_per_week > 0 and weeks between 1 and 53", name="hours"),
        CheckConstraint(
            "deducted_minutes >= 0 and deducted_minutes < minutes_per_week * weeks", name="deducted_minutes"
        ),
        CheckConstraint("months between 1 and 60", name="months"),
        CheckConstraint("unbilled_month between 1 and 12", name="unbilled_month"),
        CheckConstraint("free_until > valid_from and free_until <= valid_to", name="free_until"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    enrolment_id: Mapped[int] = references("enrolment.id", index=False)
    valid_from: Mapped[Day]
    seq: Mapped[int]
    valid_to: Mapped[Day]
    minutes_per_week: Mapped[int]
    weeks: Mapped[int]
    deducted_minutes: Mapped[int]
    months: Mapped[int]
    unbilled_month: Mapped[int | None]
    free_until: Mapped[date | None] = mapped_column(Date)
