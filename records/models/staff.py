"""Who is planned to look after children: how many, where and when; no names."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from records.models.base import VERSIONED, Base, Code, Day, Id, Recorded, one_of, references
from records.models.places import MINUTES_A_DAY, OPENING_PERIODS

HALF_HOUR = 30


class StaffPlan(Recorded, Base):
    """[V] structure × valid_from × seq: how many animators are planned over some half hours of a weekday.

    Local minutes, multiples of 30. `is_one_day`: of the day `valid_from` alone, before what every week says;
    else of each such weekday (0 = Monday) of school weeks or holidays from that day on. For a half hour the last
    begun stands. The director is not counted in `animators`. Source: the director of the place.
    """

    __tablename__ = "staff_plan"
    __table_args__ = (
        UniqueConstraint("structure_id", "valid_from", "seq"),
        one_of("period", *OPENING_PERIODS),
        CheckConstraint("weekday between 0 and 6", name="weekday"),
        CheckConstraint(f"start_minute % {HALF_HOUR} = 0 and start_minute >= 0", name="start_half_hour"),
        CheckConstraint(f"end_minute % {HALF_HOUR} = 0 and end_minute <= {MINUTES_A_DAY}", name="end_half_hour"),
        CheckConstraint("end_minute > start_minute", name="order"),
        CheckConstraint("animators between 0 and 200", name="animators"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    structure_id: Mapped[int] = references("structure.id", index=False)
    valid_from: Mapped[Day]
    seq: Mapped[int]
    is_one_day: Mapped[bool]
    period: Mapped[Code]
    weekday: Mapped[int]
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    animators: Mapped[int]
