"""A small town before the passage of its pupils to the next school year, and what is done with it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from records.actors import SETUP, Actor
from records.database import Records
from records.models import ClassMembership, Person, SchoolClass
from records.operations import rollover, rollover_proposal, school_years
from records.operations.collectivity import CalendarEdit, NewClass, NewSchoolYear, add_classes, edit_calendar_day
from records.operations.rollover import Applied, LineDecision, LineSeen
from records.operations.rollover_proposal import Passage, Proposal
from tests.factories.town import SCHOOL

NEXT_START, NEXT_END = date(2027, 8, 30), date(2028, 7, 8)
FIRST_DAY = date(2027, 9, 1)  # Monday 30 and Tuesday 31 August are still holidays below
PASSAGE = Passage("2026-2027", "2027-2028")
CE1, CP = "ecole-tilleuls-ce1-2027-2028", "ecole-tilleuls-cp-2027-2028"
BOURG_CP = "ecole-bourg-cp-2027-2028"


def next_year(town: Records) -> None:
    """Prepare the next school year; its first two days are holidays."""
    add_classes(town, SETUP, [NewClass("tilleuls-ce1", SCHOOL, "2026-2027", "CE1", "CE1")])
    year = NewSchoolYear("2027-2028", NEXT_START, NEXT_END)
    school_years.prepare_school_year(town, SETUP, year, "2026-2027")
    for day in (NEXT_START, NEXT_START + timedelta(days=1)):
        edit_calendar_day(town, SETUP, CalendarEdit(day, "school_holiday", "Vacances d'été", zone="A"))


def proposed(town: Records) -> Proposal:
    """Propose the passage."""
    return rollover_proposal.propose_rollover(town, SETUP, PASSAGE)


def lines(town: Records, actor: Actor = SETUP) -> dict[str, LineSeen]:
    """What the actor sees of the passage, by pupil."""
    return {line.person_ref: line for line in rollover.rollover_lines(town, actor, PASSAGE).lines}


def decided(town: Records, *decisions: LineDecision, actor: Actor = SETUP) -> int:
    """Decide some lines; how many changed."""
    return rollover.decide_lines(town, actor, PASSAGE, decisions)


def applied(town: Records) -> Applied:
    """Apply the passage."""
    return rollover.apply_rollover(town, SETUP, PASSAGE)


def classes_on(town: Records, day: date) -> dict[str, list[str]]:
    """The classes of each pupil on a day."""
    found: dict[str, list[str]] = {}
    with town.read() as session:
        rows = session.execute(
            select(Person.ref, SchoolClass.ref, ClassMembership.valid_from, ClassMembership.valid_to)
            .join(ClassMembership, ClassMembership.person_id == Person.id)
            .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        )
        for person, school_class, start, end in rows:
            if start <= day and (end is None or day < end):
                found.setdefault(person, []).append(school_class)
    return found


def seat(town: Records, child_ref: str, class_ref: str, day: date) -> None:
    """Give a child another class by hand: it ends the one they have."""
    with town.write(SETUP, "test") as write:
        child = write.session.scalars(select(Person).where(Person.ref == child_ref)).one()
        school_class = write.session.scalars(select(SchoolClass).where(SchoolClass.ref == class_ref)).one()
        for held in write.session.scalars(select(ClassMembership).where(ClassMembership.person_id == child.id)):
            held.valid_to = day
        write.session.add(ClassMembership(person_id=child.id, class_id=school_class.id, valid_from=day))
