"""A school year whose dates are corrected: pupils and teachers of its classes follow, the rest is checked."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from domain.errors import Conflict, InvalidData
from records.actors import SETUP
from records.database import Records
from records.models import AuditEntry, ClassMembership, ClassTeacher, MonthState, SchoolYear, Structure
from records.operations.collectivity import NewSchoolYear, add_school_years
from records.operations.families import NewClassMembership
from records.operations.pupils import join_class, leave_class
from records.operations.school_year_dates import YearMoved, edit_school_year, school_year_named, school_years
from records.operations.teachers import NewClassTeacher, assign_teacher
from tests.factories.people import a_family, an_account
from tests.factories.rows import a_row
from tests.factories.town import END, SCHOOL, START

YEAR = "2026-2027"
LATER, SOONER_END = date(2026, 9, 3), date(2027, 7, 2)


def edited(town: Records, starts_on: date, ends_on: date, row_version: int = 1) -> YearMoved:
    return edit_school_year(town, SETUP, NewSchoolYear(YEAR, starts_on, ends_on), row_version)


def seats(town: Records) -> list[tuple[date, date | None]]:
    """The ranges of pupils in their classes, by person then day."""
    with town.read() as session:
        order = (ClassMembership.person_id, ClassMembership.valid_from)
        return [(row.valid_from, row.valid_to) for row in session.scalars(select(ClassMembership).order_by(*order))]


def test_pupils_and_teachers_follow_the_first_and_last_days_of_their_year(town: Records) -> None:
    leave_class(town, SETUP, a_family(town).child, END)
    an_account(town, "claire", "teacher", structure_ref=SCHOOL)
    assign_teacher(town, SETUP, NewClassTeacher("tilleuls-cp", "claire", START, END))
    assert edited(town, LATER, SOONER_END) == YearMoved(pupils=1, teachers=1)
    assert seats(town) == [(LATER, SOONER_END)]
    with town.read() as session:
        held = session.scalars(select(ClassTeacher)).one()
        assert (held.valid_from, held.valid_to) == (LATER, SOONER_END)
        told = session.scalars(select(AuditEntry).where(AuditEntry.operation == "edit_school_year")).all()
        assert [entry.entity for entry in told] == ["school_year", "school_year"]
    assert school_year_named(town, SETUP, YEAR).what == NewSchoolYear(YEAR, LATER, SOONER_END)


def test_who_came_later_keeps_that_day_and_who_left_after_the_new_end_leaves_then(town: Records) -> None:
    family = a_family(town)
    leave_class(town, SETUP, family.child, date(2027, 1, 4))
    join_class(town, SETUP, family.child, NewClassMembership("tilleuls-cp", date(2027, 1, 11), date(2027, 7, 3)))
    edited(town, date(2026, 8, 31), SOONER_END)
    assert seats(town) == [(date(2026, 8, 31), date(2027, 1, 4)), (date(2027, 1, 11), SOONER_END)]


def test_year_is_not_moved_past_the_only_days_of_a_pupil(town: Records) -> None:
    family = a_family(town)
    leave_class(town, SETUP, family.child, date(2026, 9, 4))
    with pytest.raises(InvalidData, match=r"1.élève ou enseignant n'aurait plus aucun jour"):
        edited(town, date(2026, 9, 4), END)
    assert seats(town) == [(START, date(2026, 9, 4))]
    assert school_years(town, SETUP)[0].row_version == 1


def test_years_may_not_overlap_nor_end_before_they_begin(town: Records) -> None:
    add_school_years(town, SETUP, [NewSchoolYear("2027-2028", END, date(2028, 7, 8))])
    with pytest.raises(InvalidData, match="se chevauchent"):
        edited(town, START, date(2027, 9, 1))
    with pytest.raises(InvalidData, match="finit avant de commencer"):
        edited(town, START, START)


def test_days_of_a_confirmed_month_neither_enter_nor_leave_the_year(town: Records) -> None:
    with town.read() as session:
        place = session.scalars(select(Structure.id).where(Structure.ref == SCHOOL)).one()
    a_row(town, MonthState, structure_id=place, month=date(2026, 9, 1), state="confirmed")
    with pytest.raises(InvalidData, match=r"Septembre 2026 est confirmé"):
        edited(town, LATER, END)
    assert edited(town, START, SOONER_END) == YearMoved(0, 0)


def test_dates_that_somebody_else_changed_meanwhile_are_a_conflict(town: Records) -> None:
    edited(town, START, SOONER_END)
    with pytest.raises(Conflict):
        edited(town, LATER, END)
    with town.read() as session:
        assert session.scalars(select(SchoolYear.starts_on)).one() == START
