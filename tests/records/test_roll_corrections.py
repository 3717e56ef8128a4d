"""What agents and teachers put right until the service closes, and what is no longer theirs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed
from domain.time import instant_at
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AttendanceDecision, Tap
from records.operations.attendance import Decision, decide
from records.operations.roll_corrections import correct_roll
from records.operations.teachers import NewClassTeacher, assign_teacher
from tests.factories.people import (
    FamilyRefs,
    a_badge,
    a_family,
    a_tap,
    a_terminal,
    an_account,
    an_enrolment,
    logged_in,
)
from tests.factories.town import CANTEEN, EVENING, OTHER_SCHOOL, SCHOOL, START, TODAY, ZONE, HandClock, place_ids

AGENT = Actor("Karim", (Grant("agent"),))
ARRIVAL = Decision("fournier-lea", EVENING, SCHOOL, TODAY, "arrival", "badge oublié", instant_at(TODAY, 1000, ZONE))
CLEAR = replace(ARRIVAL, kind="clear", occurred_at=None, reason="mauvais enfant")


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A pupil of the CP in the evening care from 16:30 to 18:30, with half an hour of grace."""
    made = a_family(town, class_ref="tilleuls-cp")
    an_enrolment(town, made, EVENING)
    return made


def kinds(records: Records) -> list[str]:
    with records.read() as session:
        return list(session.scalars(select(AttendanceDecision.kind).order_by(AttendanceDecision.id)))


def test_agent_corrects_an_arrival_and_takes_it_back_until_the_service_closes(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    tap_id = a_tap(town, a_terminal(town), 1010, badge_uid=a_badge(town, family.child))
    clock.set(1139)
    correct_roll(town, AGENT, [ARRIVAL])
    correct_roll(town, AGENT, [CLEAR])
    assert kinds(town) == ["arrival", "clear"]
    with town.read() as session:
        assert session.scalars(select(Tap.tap_id)).all() == [tap_id]  # the original stays
        first = session.scalars(select(AttendanceDecision).order_by(AttendanceDecision.id)).first()
    assert first is not None
    assert (first.recorded_by, first.reason) == ("Karim", "badge oublié")


def test_once_the_service_is_closed_or_the_day_over_it_is_the_coordinators(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    for minute, day in ((1140, TODAY), (1000, TODAY + timedelta(days=1))):
        clock.set(minute, day)
        with pytest.raises(InvalidData, match="Demandez celle-ci à la coordination"):
            correct_roll(town, AGENT, [ARRIVAL])
    decide(town, Actor("Claire", (Grant("coordinator"),)), ARRIVAL)
    assert kinds(town) == ["arrival"]


def test_agent_decides_no_absence_and_clears_nobody_elses_decision(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    clock.set(1000)
    with pytest.raises(InvalidData, match="seuls une arrivée et un départ"):
        correct_roll(town, AGENT, [replace(CLEAR, kind="absent_justified")])
    decide(town, Actor("Claire", (Grant("coordinator"),)), replace(CLEAR, kind="absent_justified"))
    with pytest.raises(InvalidData, match="Claire a déjà décidé pour cet enfant"):
        correct_roll(town, AGENT, [CLEAR])
    decide(town, SETUP, CLEAR)
    assert correct_roll(town, AGENT, [CLEAR]) != []


def test_service_that_is_shut_has_nothing_to_correct(town: Records, family: FamilyRefs, clock: HandClock) -> None:
    wednesday = TODAY + timedelta(days=1)
    clock.set(1000, wednesday)
    arrived_at = instant_at(wednesday, 1000, ZONE)
    with pytest.raises(InvalidData, match="n'est pas ouvert ce jour-là à École des Tilleuls"):
        correct_roll(town, AGENT, [replace(ARRIVAL, day=wednesday, occurred_at=arrived_at)])


def test_agent_of_another_school_corrects_nothing_here(town: Records, family: FamilyRefs, clock: HandClock) -> None:
    clock.set(1000)
    with pytest.raises(NotAllowed):
        correct_roll(town, Actor("Ali", (Grant("agent", place_ids(town)[OTHER_SCHOOL]),)), [ARRIVAL])


def test_teacher_corrects_the_pupils_of_their_own_class_alone(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    an_account(town, "lise", "teacher")
    assign_teacher(town, SETUP, NewClassTeacher("tilleuls-cp", "lise", START))
    teacher = logged_in(town, "lise")
    other = a_family(town, "Petit", children=("Tom",), class_ref="bourg-cp")
    clock.set(1000)
    assert correct_roll(town, teacher, [ARRIVAL])
    with pytest.raises(NotAllowed):
        correct_roll(town, teacher, [replace(ARRIVAL, child_ref=other.child)])
    with pytest.raises(NotAllowed):
        correct_roll(town, teacher, [replace(ARRIVAL, structure_ref=OTHER_SCHOOL, service_ref=CANTEEN)])
