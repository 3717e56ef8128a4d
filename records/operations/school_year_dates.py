"""The dates of a school year as staff correct them; pupils and teachers of its classes follow (domain notes §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import CursorResult, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from domain.french import plural
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import ClassMembership, ClassTeacher, MonthState, Rollover, SchoolClass, SchoolYear
from records.operations.collectivity import NewSchoolYear, check_years
from records.operations.kept_lists import Kept
from records.operations.lookup import by_ref, change, invalid
from records.operations.month_states import refuse_closed
from records.operations.registry import Scope, operation

Days = tuple[date, date]  # half-open
_NOBODY, _NOBODIES = "élève ou enseignant n'aurait", "élèves ou enseignants n'auraient"
_Seats = type[ClassMembership] | type[ClassTeacher]


@dataclass(frozen=True, slots=True)
class YearMoved:
    """How many pupils' and teachers' ranges followed the year's first and last days."""

    pupils: int
    teachers: int


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def school_years(records: Records, actor: Actor) -> list[Kept[NewSchoolYear]]:
    """Return every school year, the oldest first, with the version to give back when its dates are edited."""
    with records.read() as session:
        rows = session.scalars(select(SchoolYear).order_by(SchoolYear.starts_on))
        return [Kept(NewSchoolYear(row.ref, row.starts_on, row.ends_on), row.row_version) for row in rows]


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def school_year_named(records: Records, actor: Actor, ref: str) -> Kept[NewSchoolYear]:
    """Return one school year, with the version to give back when its dates are edited. Raises NotFound."""
    with records.read() as session:
        row = by_ref(session, SchoolYear, ref)
        return Kept(NewSchoolYear(row.ref, row.starts_on, row.ends_on), row.row_version)


@operation(Right.EDIT_REFERENCE)
def edit_school_year(records: Records, actor: Actor, dates: NewSchoolYear, row_version: int) -> YearMoved:
    """Change the first and last days of a year; pupils and teachers who were in from or up to them follow.

    Whoever came later or left earlier keeps their dates, within the year. Raises InvalidData when two years
    overlap, when somebody would have no day left in their class, when a day that changes is in a confirmed month,
    or while pupils are being seated in the year; Conflict, NotFound.
    """
    with records.write(actor, "edit_school_year") as write:
        row = by_ref(write.session, SchoolYear, dates.ref)
        before, after = (row.starts_on, row.ends_on), (dates.starts_on, dates.ends_on)
        _check(write.session, row, dates)
        _refuse_seating(write.session, row)
        _refuse_confirmed(write.session, _changed(before, after))
        if not change(write, row, {"starts_on": after[0], "ends_on": after[1]}, row_version=row_version):
            return YearMoved(0, 0)
        pupils = _follow(write, ClassMembership, row, (before, after))
        teachers = _follow(write, ClassTeacher, row, (before, after))
        write.audit("school_year", row.ref, old=None, new={"pupils_moved": pupils, "teachers_moved": teachers})
        return YearMoved(pupils, teachers)


def _check(session: Session, row: SchoolYear, dates: NewSchoolYear) -> None:
    others = session.scalars(select(SchoolYear).where(SchoolYear.id != row.id))
    check_years([*others, SchoolYear(ref=dates.ref, starts_on=dates.starts_on, ends_on=dates.ends_on)])


def _refuse_seating(session: Session, row: SchoolYear) -> None:
    """Raise InvalidData while a passage to the year is half applied: its other half would keep the old dates."""
    seating = select(Rollover.id).where(Rollover.to_year_id == row.id, Rollover.state == "applying")
    if session.scalar(seating) is not None:
        raise invalid(f"Le passage vers l'année {row.ref} est en cours d'application : terminez-le d'abord.")


def _changed(before: Days, after: Days) -> list[Days]:
    """Return the days that enter or leave the year, as half-open ranges."""
    pairs = [(min(one, other), max(one, other)) for one, other in zip(before, after, strict=True)]
    return [(first, end) for first, end in pairs if first < end]


def _refuse_confirmed(session: Session, ranges: list[Days]) -> None:
    """Raise InvalidData when a day that becomes a school day, or is one no more, is in a confirmed month."""
    for first, end in ranges:
        said = session.execute(
            select(MonthState.structure_id, MonthState.month)
            .where(MonthState.month >= first.replace(day=1), MonthState.month < end)
            .distinct()
        )
        refuse_closed(session, [(structure_id, month) for structure_id, month in said])


def _follow(write: Write, model: _Seats, year: SchoolYear, dates: tuple[Days, Days]) -> int:
    """Move the ranges of a year's classes with it, in one statement; returns how many moved.

    The audit row of the year tells them all: each range that had the old bound has the new one.
    """
    (first, end), (new_first, new_end) = dates
    starts, ends = model.valid_from, model.valid_to
    in_year = model.class_id.in_(select(SchoolClass.id).where(SchoolClass.school_year_id == year.id))
    is_left_out = or_(and_(starts != first, starts >= new_end), and_(ends != end, ends <= new_first))
    left_out = write.session.scalar(select(func.count()).select_from(model).where(in_year, is_left_out))
    if left_out:
        raise invalid(
            f"{plural(left_out, _NOBODY, _NOBODIES)} plus aucun jour en classe. Corrigez d'abord leurs dates, ou "
            "choisissez d'autres dates pour l'année.",
            left_out=left_out,
        )
    starts_moved, ends_moved = or_(starts == first, starts < new_first), or_(ends == end, ends > new_end)
    moved = update(model).where(in_year, or_(starts_moved & (starts != new_first), ends_moved & (ends != new_end)))
    values = {
        "valid_from": case((starts_moved, new_first), else_=starts),
        "valid_to": case((ends_moved, new_end), else_=ends),
        "row_version": model.row_version + 1,
    }
    done = write.session.execute(moved.values(values).execution_options(synchronize_session=False))
    assert isinstance(done, CursorResult)
    return done.rowcount
