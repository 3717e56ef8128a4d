"""Enrolments with their weekly patterns and payers, bookings and waiting lists."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    Base,
    Code,
    Day,
    Editable,
    Id,
    Micros,
    Recorded,
    Ref,
    facts,
    one_of,
    ordered_range,
    references,
    unique_where_null,
)


class Enrolment(Editable, Base):
    """[M] person × service × place over a range, in a tariff category; adults who eat are enrolled too."""

    __tablename__ = "enrolment"
    __table_args__ = (
        Index("ix_enrolment_person_service", "person_id", "service_id"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    person_id: Mapped[int] = references("person.id", index=False)
    service_id: Mapped[int] = references("service.id")
    structure_id: Mapped[int] = references("structure.id")
    category: Mapped[Code]
    sejour_id: Mapped[int | None] = references("sejour.id", nullable=True)
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)


class EnrolmentPattern(Editable, Base):
    """[M] enrolment × weekday (0 = Monday) × week of a two-week cycle (NULL = every week), over a range.

    A pattern is expected from `valid_from` to `valid_to`; `formula` names a service_formula where one is chosen.
    """

    __tablename__ = "enrolment_pattern"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "weekday", "week_cycle", "valid_from"),
        unique_where_null("enrolment_pattern_every_week", "week_cycle", "enrolment_id", "weekday", "valid_from"),
        CheckConstraint("(week_cycle is null) = (cycle_anchor_on is null)", name="cycle_has_anchor"),
        one_of("week_cycle", "A", "B"),
        CheckConstraint("weekday between 0 and 6", name="weekday"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    enrolment_id: Mapped[int] = references("enrolment.id", index=False)
    weekday: Mapped[int]
    week_cycle: Mapped[str | None] = mapped_column(String(1))
    cycle_anchor_on: Mapped[date | None] = mapped_column(Date)
    start_minute: Mapped[int | None]
    end_minute: Mapped[int | None]
    formula: Mapped[str | None] = mapped_column(String(40))
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)


class EnrolmentPayer(Editable, Base):
    """[M] enrolment × payer over a range: « all » pays everything, « custody » the days the calendar gives."""

    __tablename__ = "enrolment_payer"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "payer_id", "valid_from"),
        one_of("rule", "all", "custody"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    enrolment_id: Mapped[int] = references("enrolment.id", index=False)
    payer_id: Mapped[int] = references("payer.id")
    rule: Mapped[Code]
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)


class Booking(Base):
    """[I] person × service × day × seq: the last one that is not « wait » stands.

    `received_on` is the day the request was received, against which a deadline is judged, `received_minute` its
    local minute where the channel knows it; `is_late`: let pass although the deadline had. `start_minute` and
    `end_minute` are local, for services booked from–to. `batch_ref` is one gesture for several days.
    Those who wait are served in the order of their first `wait` row since they last had or gave up the place.
    """

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("person_id", "service_id", "day", "seq"),
        one_of("action", "book", "cancel", "absence", "accept", "refuse", "wait"),
        one_of("channel", "portal", "counter", "post", "email", "phone", "import"),
        CheckConstraint("(start_minute is null) = (end_minute is null)", name="start_and_end"),
        CheckConstraint("end_minute is null or end_minute > start_minute", name="order"),
        {"info": facts("reason")},
    )

    id: Mapped[Id]
    person_id: Mapped[int] = references("person.id", index=False)
    service_id: Mapped[int] = references("service.id")
    structure_id: Mapped[int] = references("structure.id")
    day: Mapped[date] = mapped_column(Date, index=True)
    seq: Mapped[int]
    action: Mapped[Code]
    formula: Mapped[str | None] = mapped_column(String(40))
    start_minute: Mapped[int | None]
    end_minute: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    absence_reason_id: Mapped[int | None] = references("absence_reason.id", nullable=True)
    batch_ref: Mapped[str | None] = mapped_column(String(64), index=True)
    channel: Mapped[Code]
    received_on: Mapped[Day]
    received_minute: Mapped[int | None]
    is_late: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[Micros]
    recorded_by: Mapped[str] = mapped_column(String(80))


class WaitingEntry(Recorded, Editable, Base):
    """[M] person × service × place from a day on: waiting for an enrolment, by `priority` then date of receipt.

    Single days wait as `booking` rows. An offer lapses after `offered_until`.
    """

    __tablename__ = "waiting_entry"
    __table_args__ = (
        Index("ix_waiting_entry_queue", "service_id", "structure_id", "state"),
        one_of("state", "waiting", "offered", "accepted", "refused", "withdrawn", "lapsed"),
        CheckConstraint("state <> 'offered' or offered_until is not null", name="offer_has_end"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    person_id: Mapped[int] = references("person.id")
    service_id: Mapped[int] = references("service.id", index=False)
    structure_id: Mapped[int] = references("structure.id")
    sejour_id: Mapped[int | None] = references("sejour.id", nullable=True)
    wanted_from: Mapped[Day]
    received_on: Mapped[Day]
    priority: Mapped[int]
    state: Mapped[Code]
    offered_until: Mapped[date | None] = mapped_column(Date)
    enrolment_id: Mapped[int | None] = references("enrolment.id", nullable=True)
