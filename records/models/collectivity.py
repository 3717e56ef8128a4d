"""The collectivity, its places, its school years and its calendar."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    Base,
    Code,
    Day,
    Editable,
    Id,
    Label,
    Ref,
    one_of,
    references,
    unique_where_null,
)

STRUCTURE_KINDS = ("school", "leisure_centre", "daycare", "youth_club", "office")
WHOLE_COUNTRY = "*"  # the zone of days that hold everywhere
DAY_KINDS = ("school_holiday", "public_holiday", "bridge")


class Collectivity(Editable, Base):
    """[M] One row: the town or community of this MARELLE_HOME (docs/adr/0001)."""

    __tablename__ = "collectivity"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), {"info": EDITABLE})

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[Label]
    timezone: Mapped[Code]
    school_zone: Mapped[str] = mapped_column(String(8))
    contact: Mapped[Label]
    is_training: Mapped[bool]


class Structure(Editable, Base):
    """[M] One row per place that looks after children; its time zone decides its days."""

    __tablename__ = "structure"
    __table_args__ = (one_of("kind", *STRUCTURE_KINDS), {"info": EDITABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    name: Mapped[Label]
    kind: Mapped[Code]
    timezone: Mapped[Code]
    commune: Mapped[Label]


class SchoolYear(Editable, Base):
    """[M] One row per school year, half-open: `ends_on` is the first day after it."""

    __tablename__ = "school_year"
    __table_args__ = (CheckConstraint("ends_on > starts_on", name="order"), {"info": EDITABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    starts_on: Mapped[Day]
    ends_on: Mapped[Day]


class SchoolClass(Editable, Base):
    """[M] One row per class (or care group) of a structure for one school year."""

    __tablename__ = "school_class"
    __table_args__ = (UniqueConstraint("structure_id", "school_year_id", "name"), {"info": EDITABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    structure_id: Mapped[int] = references("structure.id", index=False)
    school_year_id: Mapped[int] = references("school_year.id")
    name: Mapped[Label]
    level: Mapped[Code]


class CalendarDay(Editable, Base):
    """[M] zone or structure × day × kind: a day that is not an ordinary school day.

    Exactly one of `zone` (school zone, « * » for the whole country) and `structure_id` is given; a structure's
    own days come on top of those of its zone.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (
        unique_where_null("calendar_day_zone", "structure_id", "zone", "day", "kind"),
        unique_where_null("calendar_day_structure", "zone", "structure_id", "day", "kind"),
        CheckConstraint("(zone is null) <> (structure_id is null)", name="one_scope"),
        one_of("kind", *DAY_KINDS, "closure"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    zone: Mapped[str | None] = mapped_column(String(8))
    structure_id: Mapped[int | None] = references("structure.id", nullable=True)
    day: Mapped[date] = mapped_column(Date, index=True)
    kind: Mapped[Code]
    label: Mapped[Label]
