"""The passage to the next school year: what is proposed for each pupil, then applied."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import EDITABLE, Base, Code, Editable, Id, Micros, one_of, references

OUTCOMES = ("next", "repeat", "leave", "other_school")
BEGUN = ("applying", "applied")  # nothing of it is decided any more


class Rollover(Editable, Base):
    """[M] One row per passage from a school year to the next: drafted, then applied once, or dropped.

    While it is being applied: the first day of the new classes, and the last line of which the pupil has theirs.
    """

    __tablename__ = "rollover"
    __table_args__ = (
        UniqueConstraint("from_year_id", "to_year_id"),
        one_of("state", "draft", "applying", "applied", "dropped"),
        CheckConstraint("from_year_id <> to_year_id", name="two_years"),
        CheckConstraint("(state = 'applied') = (applied_at is not null)", name="applied_at"),
        CheckConstraint("(state = 'applying') = (first_day is not null)", name="first_day"),
        CheckConstraint("(first_day is null) = (seated_through is null)", name="seated_through"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    from_year_id: Mapped[int] = references("school_year.id", index=False)
    to_year_id: Mapped[int] = references("school_year.id")
    state: Mapped[Code]
    applied_at: Mapped[Micros | None]
    first_day: Mapped[date | None] = mapped_column(Date)
    seated_through: Mapped[Micros | None]


class RolloverLine(Editable, Base):
    """[M] roll-over × pupil: the class proposed (none for who leaves), and whether a person has looked at it."""

    __tablename__ = "rollover_line"
    __table_args__ = (
        UniqueConstraint("rollover_id", "person_id"),
        one_of("outcome", *OUTCOMES),
        CheckConstraint("(outcome = 'leave') = (to_class_id is null)", name="leaves_without_class"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    rollover_id: Mapped[int] = references("rollover.id", index=False)
    person_id: Mapped[int] = references("person.id")
    from_class_id: Mapped[int] = references("school_class.id")
    to_class_id: Mapped[int | None] = references("school_class.id", nullable=True)
    outcome: Mapped[Code]
    is_checked: Mapped[bool] = mapped_column(default=False)
    comment: Mapped[str | None] = mapped_column(String(200))
