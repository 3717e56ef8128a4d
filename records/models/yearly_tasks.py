"""The yearly calendar of administrators' tasks (domain notes §4): what is due when, and what was done."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    Base,
    Code,
    Dated,
    Day,
    Editable,
    Id,
    Label,
    Recorded,
    Ref,
    facts,
    ordered_range,
    references,
)


class YearlyTask(Dated, Editable, Base):
    """[M] One row per task that comes back each year on a day (month and day), from `valid_from` on.

    Whoever holds `held_right` (records.actors.Right) does it. It is asked for `notice_days` before its day.
    """

    __tablename__ = "yearly_task"
    __table_args__ = (
        ordered_range(),
        CheckConstraint("due_month between 1 and 12", name="month"),
        CheckConstraint("due_day between 1 and 31", name="day"),
        CheckConstraint("notice_days between 0 and 180", name="notice"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    label: Mapped[Label]
    how: Mapped[str | None] = mapped_column(String(400))
    due_month: Mapped[int]
    due_day: Mapped[int]
    notice_days: Mapped[int]
    held_right: Mapped[Code]


class YearlyTaskMark(Recorded, Base):
    """[I] task × day it was due × seq: done, or not done after all, by a structure or (NULL) by everybody.

    The highest seq of a structure counts for it, that of everybody for all.
    """

    __tablename__ = "yearly_task_mark"
    __table_args__ = (UniqueConstraint("task_id", "due_on", "seq"), {"info": facts("comment")})

    id: Mapped[Id]
    task_id: Mapped[int] = references("yearly_task.id", index=False)
    due_on: Mapped[Day]
    structure_id: Mapped[int | None] = references("structure.id", nullable=True)
    seq: Mapped[int]
    is_done: Mapped[bool]
    comment: Mapped[str | None] = mapped_column(String(400))
