"""What a place can take, when it opens, and what happens there: openings, capacities, events, teachers."""

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
    Micros,
    Recorded,
    Ref,
    one_of,
    ordered_range,
    references,
)

EVENT_KINDS = ("closure", "outing", "strike", "strike_served")
OPENING_PERIODS = ("school", "holiday")
MINUTES_A_DAY = 1440


class StructureOpening(Recorded, Base):
    """[V] structure × period × weekday (0 = Monday) × valid_from × seq: local opening minutes, NULL = closed.

    The last version in force stands. A place may shut once inside its day, `[shut_from_minute, shut_until_minute)`.
    """

    __tablename__ = "structure_opening"
    __table_args__ = (
        UniqueConstraint("structure_id", "period", "weekday", "valid_from", "seq"),
        one_of("period", *OPENING_PERIODS),
        CheckConstraint("weekday between 0 and 6", name="weekday"),
        CheckConstraint("(open_minute is null) = (close_minute is null)", name="open_and_close"),
        CheckConstraint("close_minute is null or close_minute > open_minute", name="order"),
        CheckConstraint("open_minute is null or open_minute >= 0", name="not_negative"),
        CheckConstraint(f"close_minute is null or close_minute <= {MINUTES_A_DAY}", name="same_day"),
        CheckConstraint("(shut_from_minute is null) = (shut_until_minute is null)", name="shut_from_and_until"),
        CheckConstraint(
            "shut_from_minute is null or (open_minute is not null and open_minute < shut_from_minute "
            "and shut_from_minute < shut_until_minute and shut_until_minute < close_minute)",
            name="shut_inside",
        ),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    structure_id: Mapped[int] = references("structure.id", index=False)
    period: Mapped[Code]
    weekday: Mapped[int]
    valid_from: Mapped[Day]
    seq: Mapped[int]
    open_minute: Mapped[int | None]
    close_minute: Mapped[int | None]
    shut_from_minute: Mapped[int | None]
    shut_until_minute: Mapped[int | None]


class StructureCapacity(Recorded, Base):
    """[V] structure × service (NULL = all together) × weekday × quarters × age group × valid_from × seq: places.

    Ages are whole months, half-open. `start_minute` and `end_minute` are multiples of 15; NULL = the whole day. The
    narrowest group that holds a child counts, and so does each wider one. 0 places closes the group.
    """

    __tablename__ = "structure_capacity"
    __table_args__ = (
        CheckConstraint("weekday is null or weekday between 0 and 6", name="weekday"),
        CheckConstraint("(start_minute is null) = (end_minute is null)", name="start_and_end"),
        CheckConstraint("start_minute is null or start_minute % 15 = 0", name="start_quarter"),
        CheckConstraint("end_minute is null or end_minute % 15 = 0", name="end_quarter"),
        CheckConstraint("end_minute is null or end_minute > start_minute", name="order"),
        CheckConstraint("age_to_months > age_from_months and age_from_months >= 0", name="ages"),
        CheckConstraint("places >= 0", name="places"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    structure_id: Mapped[int] = references("structure.id")
    service_id: Mapped[int | None] = references("service.id", nullable=True)
    weekday: Mapped[int | None]
    start_minute: Mapped[int | None]
    end_minute: Mapped[int | None]
    age_from_months: Mapped[int]
    age_to_months: Mapped[int]
    valid_from: Mapped[Day]
    seq: Mapped[int]
    places: Mapped[int]
    is_declared: Mapped[bool]
    decision: Mapped[Label]


class CalendarEvent(Editable, Base):
    """[M] One row per closure, outing or strike: days `[starts_on, ends_on)`, and the place, class or service hit.

    NULL scope columns mean « all ». A closure or a strike expects nobody; an outing expects its children elsewhere;
    a `strike_served` shuts nothing.
    `cancelled_at` takes it back. School and public holidays are `calendar_day`, not events.
    """

    __tablename__ = "calendar_event"
    __table_args__ = (
        one_of("kind", *EVENT_KINDS),
        CheckConstraint("class_id is null or structure_id is not null", name="class_at_structure"),
        CheckConstraint("(start_minute is null) = (end_minute is null)", name="start_and_end"),
        CheckConstraint("end_minute is null or end_minute > start_minute", name="minutes_order"),
        CheckConstraint("ends_on > starts_on", name="order"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    kind: Mapped[Code]
    label: Mapped[Label]
    starts_on: Mapped[date] = mapped_column(Date, index=True)
    ends_on: Mapped[Day]
    start_minute: Mapped[int | None]
    end_minute: Mapped[int | None]
    structure_id: Mapped[int | None] = references("structure.id", nullable=True)
    class_id: Mapped[int | None] = references("school_class.id", nullable=True)
    service_id: Mapped[int | None] = references("service.id", nullable=True)
    absence_reason_id: Mapped[int | None] = references("absence_reason.id", nullable=True)
    comment: Mapped[str | None] = mapped_column(String(400))
    cancelled_at: Mapped[Micros | None]


class ClassTeacher(Dated, Editable, Base):
    """[M] class × account over a range: whose class it is, so that a teacher may call its roll."""

    __tablename__ = "class_teacher"
    __table_args__ = (UniqueConstraint("class_id", "account_id", "valid_from"), ordered_range(), {"info": EDITABLE})

    id: Mapped[Id]
    class_id: Mapped[int] = references("school_class.id", index=False)
    account_id: Mapped[int] = references("account.id")
