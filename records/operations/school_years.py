"""A school year made ready from the one before: its classes and their teachers, and the day its rosters begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.names import search_key
from domain.schedule import days_between
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import ClassTeacher, SchoolClass, SchoolYear, Structure
from records.operations.collectivity import NewSchoolYear, check_years
from records.operations.lookup import add, add_all, by_ref, in_force_on, invalid, refuse_known
from records.operations.registry import operation
from records.operations.schedule import load_calendar

_SATURDAY = 5
_NO_PLACE = 0  # days of the whole zone: one school's own closure moves nobody else's first day


@dataclass(frozen=True, slots=True)
class PreparedYear:
    """How many classes were opened, and how many of them have a teacher."""

    classes: int
    teachers: int


@operation(Right.EDIT_REFERENCE)
def prepare_school_year(records: Records, actor: Actor, year: NewSchoolYear, like_ref: str) -> PreparedYear:
    """Add a school year with the classes of an earlier one and the teachers they have on its last day.

    Staff then open, rename and close classes, and give them to others, before pupils are proposed for them. Raises
    NotFound, InvalidData when the years overlap or the earlier one is not earlier.
    """
    with records.write(actor, "prepare_school_year") as write:
        session = write.session
        like = by_ref(session, SchoolYear, like_ref)
        refuse_known(session, SchoolYear, [year.ref])
        if year.starts_on < like.ends_on:
            raise invalid(f"L'année scolaire {year.ref} doit commencer après la fin de {like_ref}.")
        row = SchoolYear(ref=year.ref, starts_on=year.starts_on, ends_on=year.ends_on)
        check_years([*session.scalars(select(SchoolYear)), row])
        add(write, row)
        copies = _copy_classes(write, like, row)
        return PreparedYear(len(copies), _copy_teachers(write, like, row, copies))


def first_school_day(session: Session, year: SchoolYear) -> date:
    """Return the first day of a school year with school in the town's zone: when rosters switch."""
    calendar = load_calendar(session, year.starts_on, year.ends_on)
    for day in days_between(year.starts_on, year.ends_on):
        if day.weekday() < _SATURDAY and calendar.allows("school", _NO_PLACE, day):
            return day
    raise invalid(f"L'année scolaire {year.ref} n'a aucun jour d'école : vérifiez le calendrier.")


def _copy_classes(write: Write, like: SchoolYear, year: SchoolYear) -> dict[int, int]:
    """Return the id of each new class by that of the class it follows."""
    rows = write.session.execute(
        select(SchoolClass, Structure.ref)
        .join(Structure, Structure.id == SchoolClass.structure_id)
        .where(SchoolClass.school_year_id == like.id)
        .order_by(SchoolClass.id)
    ).all()
    refs = [f"{place}-{_slug(one.name)}-{_slug(year.ref)}" for one, place in rows]
    refuse_known(write.session, SchoolClass, refs)
    copies = [
        SchoolClass(ref=ref, structure_id=one.structure_id, school_year_id=year.id, name=one.name, level=one.level)
        for (one, _), ref in zip(rows, refs, strict=True)
    ]
    add_all(write, copies)
    return {one.id: copy.id for (one, _), copy in zip(rows, copies, strict=True)}


def _copy_teachers(write: Write, like: SchoolYear, year: SchoolYear, copies: dict[int, int]) -> int:
    """Give each new class to who has the one it follows at the end; returns how many classes have somebody."""
    last_day = like.ends_on - timedelta(days=1)
    held: Sequence[ClassTeacher] = write.session.scalars(
        select(ClassTeacher)
        .where(
            ClassTeacher.class_id.in_(copies),
            *in_force_on(last_day, ClassTeacher.valid_from, ClassTeacher.valid_to),
        )
        .order_by(ClassTeacher.id)
    ).all()
    copied = [
        ClassTeacher(
            class_id=copies[one.class_id],
            account_id=one.account_id,
            valid_from=year.starts_on,
            valid_to=year.ends_on,
        )
        for one in held
    ]
    add_all(write, copied)
    return len({one.class_id for one in held})


def _slug(name: str) -> str:
    return search_key(name).lower().replace(" ", "-")
