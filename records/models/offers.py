"""What a service offers and asks: how it is booked, why one may be absent, and séjours."""

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
    Label,
    Recorded,
    Ref,
    one_of,
    ordered_range,
    references,
    unique_where_null,
)

PORTAL_MODES = ("hidden", "information", "requests", "automatic")
DEADLINE_RULES = ("days_before", "weekday_before", "none")


class BookingRule(Recorded, Base):
    """[V] service × structure (NULL = everywhere) × valid_from × seq: how and until when days are booked.

    `days_before`: until `deadline_minute` of the `deadline_days`-th day before (open days only when
    `counts_open_days`). `weekday_before`: until `deadline_minute` of `deadline_weekday` of the week that is
    `deadline_weeks` before the day's (Thursday noon for next week: 3, 720, 1). Judged on the date of receipt, at
    the last minute of its day for post and counter (notes §5). `opens_on`/`closes_on` bound a period's bookings.
    """

    __tablename__ = "booking_rule"
    __table_args__ = (
        UniqueConstraint("service_id", "structure_id", "valid_from", "seq"),
        unique_where_null("booking_rule_everywhere", "structure_id", "service_id", "valid_from", "seq"),
        one_of("portal_mode", *PORTAL_MODES),
        one_of("deadline_rule", *DEADLINE_RULES),
        one_of("after_deadline", "refused", "billed", "accepted"),
        CheckConstraint("closes_on is null or opens_on is null or closes_on > opens_on", name="opening_order"),
        CheckConstraint("(deadline_rule = 'days_before') = (deadline_days is not null)", name="deadline_days"),
        CheckConstraint(
            "(deadline_rule = 'weekday_before') = (deadline_weekday is not null and deadline_weeks is not null)",
            name="deadline_weekday",
        ),
        CheckConstraint("(deadline_rule = 'none') = (deadline_minute is null)", name="deadline_minute"),
        CheckConstraint("deadline_weekday is null or deadline_weekday between 0 and 6", name="weekday"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    service_id: Mapped[int] = references("service.id", index=False)
    structure_id: Mapped[int | None] = references("structure.id", nullable=True)
    valid_from: Mapped[Day]
    seq: Mapped[int]
    decision: Mapped[Label]
    portal_mode: Mapped[Code]
    opens_on: Mapped[date | None] = mapped_column(Date)
    closes_on: Mapped[date | None] = mapped_column(Date)
    deadline_rule: Mapped[Code]
    deadline_days: Mapped[int | None]
    counts_open_days: Mapped[bool]
    deadline_weekday: Mapped[int | None]
    deadline_weeks: Mapped[int | None]
    deadline_minute: Mapped[int | None]
    after_deadline: Mapped[Code]
    is_from_to: Mapped[bool]
    has_waiting_list: Mapped[bool]


class AbsenceReason(Dated, Editable, Base):
    """[M] One row per reason of absence: justified (AJ, not billed) or not (A, billed); for one service or all.

    `deducts_after_days`: how many days from the first one of an absence stay billed although it is justified: of
    the calendar (3: the day and the two that follow; CAF notes §1.2), or by `deducts_after_unit` those on which
    the child should have come. NULL: none.
    """

    __tablename__ = "absence_reason"
    __table_args__ = (
        ordered_range(),
        CheckConstraint(
            "deducts_after_days is null or (is_justified and deducts_after_days >= 0)", name="deducts_after_days"
        ),
        one_of("deducts_after_unit", "service_day"),
        CheckConstraint("deducts_after_unit is null or deducts_after_days is not null", name="unit_has_days"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    label: Mapped[Label]
    service_id: Mapped[int | None] = references("service.id", nullable=True)
    is_justified: Mapped[bool]
    needs_document: Mapped[bool]
    is_for_families: Mapped[bool]
    deducts_after_days: Mapped[int | None]
    deducts_after_unit: Mapped[str | None] = mapped_column(String(40))


class Sejour(Editable, Base):
    """[M] One row per holiday trip with nights: number, place, days `[starts_on, ends_on)`, places, tariff."""

    __tablename__ = "sejour"
    __table_args__ = (
        UniqueConstraint("service_id", "number"),
        CheckConstraint("ends_on > starts_on", name="order"),
        CheckConstraint("places > 0", name="places"),
        CheckConstraint("age_to_months > age_from_months and age_from_months >= 0", name="ages"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    service_id: Mapped[int] = references("service.id", index=False)
    structure_id: Mapped[int] = references("structure.id")
    number: Mapped[str] = mapped_column(String(20))
    label: Mapped[Label]
    place: Mapped[Label]
    starts_on: Mapped[Day]
    ends_on: Mapped[Day]
    places: Mapped[int]
    age_from_months: Mapped[int]
    age_to_months: Mapped[int]
    tariff_id: Mapped[int | None] = references("tariff.id", nullable=True)
    cancelled_on: Mapped[date | None] = mapped_column(Date)
