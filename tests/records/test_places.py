"""Places, classes, services, opening hours and the calendar as staff change them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.errors import Conflict, InvalidData, NotFound
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import ClassMembership, Person, SchoolClass
from records.operations import calendar_days, collectivity, events, openings, places, pupils
from records.operations.collectivity import CalendarEdit
from records.operations.families import NewClassMembership
from records.operations.paging import PageAsked
from tests.factories.people import a_family, an_enrolment
from tests.factories.town import CANTEEN, END, EVENING, OTHER_SCHOOL, SCHOOL, START, TODAY, WEDNESDAY, place_ids

MONDAY_HOURS = openings.NewOpening(SCHOOL, "school", 0, START, 450, 1110)
WORKS = events.NewEvent("travaux", "closure", "Travaux", TODAY, WEDNESDAY, SCHOOL)


@pytest.mark.parametrize(
    ("edit", "ref", "changes"),
    [
        (places.edit_structure, SCHOOL, {"name": "École des Ormes"}),
        (places.edit_service, CANTEEN, {"label": "Restaurant"}),
        (places.edit_class, "tilleuls-cp", {"name": "CP A", "level": "CP"}),
    ],
)
def test_a_place_a_service_and_a_class_are_renamed(
    town: Records, edit: Callable[..., bool], ref: str, changes: dict[str, object]
) -> None:
    assert edit(town, SETUP, ref, changes, 1)
    assert not edit(town, SETUP, ref, changes, 2)
    with pytest.raises(Conflict):
        edit(town, SETUP, ref, {next(iter(changes)): "autre"}, 1)
    with pytest.raises(InvalidData, match="ne se modifie pas ici"):
        edit(town, SETUP, ref, {"ref": "autre"}, 2)
    with pytest.raises(InvalidData, match="obligatoire"):
        edit(town, SETUP, ref, {next(iter(changes)): " "}, 2)


def test_two_classes_of_a_school_bear_two_names(town: Records) -> None:
    collectivity.add_classes(town, SETUP, [collectivity.NewClass("x", SCHOOL, "2026-2027", "CM2", "CM2")])
    with pytest.raises(InvalidData, match="Une autre classe"):
        places.edit_class(town, SETUP, "tilleuls-cp", {"name": "CM2"}, 1)


def test_a_class_goes_only_while_nobody_was_in_it(town: Records) -> None:
    a_family(town, class_ref="tilleuls-cp")
    with pytest.raises(InvalidData, match="gardez-la"):
        places.remove_class(town, SETUP, "tilleuls-cp")
    collectivity.add_classes(town, SETUP, [collectivity.NewClass("x", SCHOOL, "2026-2027", "CM2", "CM2")])
    places.remove_class(town, SETUP, "x")
    with town.read() as session:
        assert session.scalar(select(SchoolClass).where(SchoolClass.ref == "x")) is None


def test_a_service_is_offered_until_it_is_withdrawn(town: Records) -> None:
    an_enrolment(town, a_family(town))
    with pytest.raises(InvalidData, match=r"1.inscription dure") as refusal:
        places.withdraw_service(town, SETUP, CANTEEN, [OTHER_SCHOOL, SCHOOL], END)
    assert refusal.value.fields == {"enrolments": 1}
    places.withdraw_service(town, SETUP, EVENING, [SCHOOL], TODAY)
    with pytest.raises(InvalidData, match="n'est pas proposé"):
        places.withdraw_service(town, SETUP, EVENING, [SCHOOL], TODAY)


def test_hours_hold_from_a_day_until_the_next_version(town: Records) -> None:
    openings.add_opening(town, SETUP, MONDAY_HOURS)
    openings.add_opening(town, SETUP, replace(MONDAY_HOURS, valid_from=TODAY, open_minute=None, close_minute=None))
    assert openings.opening_hours(town, SETUP, SCHOOL, START)[0] == openings.OpeningSeen(
        "school", 0, 450, 1110, START
    )
    week = openings.opening_hours(town, SETUP, SCHOOL, TODAY)
    assert week[0] == openings.OpeningSeen("school", 0, None, None, TODAY)
    assert (len(week), week[-1]) == (14, openings.OpeningSeen("holiday", 6, None, None, None))


def test_hours_said_again_for_the_same_day_stand(town: Records) -> None:
    openings.add_opening(town, SETUP, MONDAY_HOURS)
    openings.add_opening(town, SETUP, replace(MONDAY_HOURS, close_minute=1080))
    assert openings.opening_hours(town, SETUP, SCHOOL, TODAY)[0].close_minute == 1080


def test_place_may_shut_once_inside_its_day(town: Records) -> None:
    openings.add_opening(town, SETUP, replace(MONDAY_HOURS, shut_from_minute=720, shut_until_minute=810))
    seen = openings.opening_hours(town, SETUP, SCHOOL, TODAY)[0]
    assert (seen.open_minute, seen.shut_from_minute, seen.shut_until_minute, seen.close_minute) == (
        450, 720, 810, 1110,
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"weekday": 7},
        {"period": "lune"},
        {"open_minute": None},
        {"open_minute": 1110},
        {"close_minute": 1441},
        {"shut_from_minute": 720},
        {"shut_from_minute": 450, "shut_until_minute": 810},
        {"shut_from_minute": 810, "shut_until_minute": 720},
        {"open_minute": None, "close_minute": None, "shut_from_minute": 720, "shut_until_minute": 810},
    ],
)
def test_hours_that_cannot_be_are_refused(town: Records, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidData):
        openings.add_opening(town, SETUP, replace(MONDAY_HOURS, **changes))  # type: ignore[arg-type]


def test_special_days_are_listed_by_page_for_the_town_and_for_one_place(town: Records) -> None:
    closed = [CalendarEdit(TODAY + timedelta(days=n), "closure", "Travaux", structure_ref=SCHOOL) for n in range(3)]
    assert calendar_days.edit_calendar_days(town, SETUP, closed) == 3
    collectivity.edit_calendar_day(town, SETUP, CalendarEdit(TODAY, "school_holiday", "Ailleurs", zone="B"))
    week = calendar_days.DaysAsked(TODAY, TODAY + timedelta(days=7))
    page = calendar_days.calendar_days(town, SETUP, week, PageAsked(1, 2))
    assert (page.total, [each.day for each in page.lines]) == (3, [TODAY, WEDNESDAY])
    assert page.lines[0] == calendar_days.SpecialDay(TODAY, "closure", "Travaux", None, SCHOOL)
    assert calendar_days.calendar_days(town, SETUP, replace(week, structure_ref=OTHER_SCHOOL)).total == 0
    year = calendar_days.DaysAsked(START, END, kinds=("public_holiday",))
    assert {each.zone for each in calendar_days.calendar_days(town, SETUP, year).lines} == {"*"}


def test_special_days_change_together_or_not_at_all(town: Records) -> None:
    edits = [
        CalendarEdit(TODAY, "closure", "Travaux", structure_ref=SCHOOL),
        CalendarEdit(TODAY, "closure", None, structure_ref=OTHER_SCHOOL),
    ]
    with pytest.raises(InvalidData, match="rien à retirer"):
        calendar_days.edit_calendar_days(town, SETUP, edits)
    with pytest.raises(InvalidData, match="au plus"):
        calendar_days.edit_calendar_days(town, SETUP, edits[:1] * 401)
    with pytest.raises(InvalidData, match="libellé"):
        calendar_days.edit_calendar_days(town, SETUP, [replace(edits[0], label=" ")])
    assert calendar_days.calendar_days(town, SETUP, calendar_days.DaysAsked(TODAY, WEDNESDAY)).total == 0
    with pytest.raises(InvalidData, match="après son début"):
        calendar_days.calendar_days(town, SETUP, calendar_days.DaysAsked(TODAY, TODAY))


def test_an_event_is_moved_until_it_is_taken_back(town: Records) -> None:
    events.add_event(town, SETUP, WORKS)
    later = {"starts_on": WEDNESDAY, "ends_on": WEDNESDAY + timedelta(days=2), "label": "Gros travaux"}
    assert events.edit_event(town, SETUP, "travaux", later, 1)
    with pytest.raises(InvalidData, match="après le début"):
        events.edit_event(town, SETUP, "travaux", {"ends_on": TODAY}, 2)
    with pytest.raises(InvalidData, match="ne se modifie pas ici"):
        events.edit_event(town, SETUP, "travaux", {"structure_ref": None}, 2)
    (seen,) = events.list_events(town, SETUP, (TODAY, END)).lines
    assert (seen.kept.what, seen.is_cancelled) == (replace(WORKS, **later), False)  # type: ignore[arg-type]
    assert events.list_events(town, SETUP, (TODAY, WEDNESDAY)).lines == []
    events.cancel_event(town, SETUP, "travaux")
    with pytest.raises(InvalidData, match="a été retiré"):
        events.edit_event(town, SETUP, "travaux", {"label": "x"}, 3)


def test_events_of_other_places_are_not_shown_to_who_runs_one(town: Records) -> None:
    events.add_event(town, SETUP, WORKS)
    events.add_event(town, SETUP, replace(WORKS, ref="greve", kind="strike", structure_ref=None))
    elsewhere = Actor("ailleurs", (Grant("coordinator", place_ids(town)[OTHER_SCHOOL]),))
    assert [each.kept.what.ref for each in events.list_events(town, elsewhere, (TODAY, END)).lines] == ["greve"]


def classes_of(records: Records, child_ref: str) -> list[tuple[str, date, date | None]]:
    """Return each class of a child with its days, oldest first."""
    with records.read() as session:
        rows = session.execute(
            select(SchoolClass.ref, ClassMembership.valid_from, ClassMembership.valid_to)
            .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
            .join(Person, Person.id == ClassMembership.person_id)
            .where(Person.ref == child_ref)
            .order_by(ClassMembership.valid_from)
        )
        return [(ref, begins, ends) for ref, begins, ends in rows]


def test_a_pupil_changes_class_during_the_year_and_each_keeps_its_days(town: Records) -> None:
    child = a_family(town, class_ref="tilleuls-cp").child
    pupils.join_class(town, SETUP, child, NewClassMembership("bourg-cp", TODAY))
    assert classes_of(town, child) == [("tilleuls-cp", START, TODAY), ("bourg-cp", TODAY, END)]
    with pytest.raises(InvalidData, match="déjà une classe"):
        pupils.join_class(town, SETUP, child, NewClassMembership("tilleuls-cp", TODAY))


def test_a_pupil_leaves_in_the_middle_of_the_year(town: Records) -> None:
    child = a_family(town, class_ref="tilleuls-cp").child
    pupils.leave_class(town, SETUP, child, TODAY)
    assert classes_of(town, child) == [("tilleuls-cp", START, TODAY)]
    with pytest.raises(InvalidData, match="n'a pas de classe"):
        pupils.leave_class(town, SETUP, child, WEDNESDAY)
    with pytest.raises(NotFound):
        pupils.leave_class(town, SETUP, "inconnue", WEDNESDAY)


def test_a_class_of_another_year_takes_nobody(town: Records) -> None:
    child = a_family(town).child
    collectivity.add_school_years(town, SETUP, [collectivity.NewSchoolYear("2027-2028", END, date(2028, 7, 1))])
    collectivity.add_classes(town, SETUP, [collectivity.NewClass("x", SCHOOL, "2027-2028", "CP", "CP")])
    with pytest.raises(InvalidData, match="autre année"):
        pupils.join_class(town, SETUP, child, NewClassMembership("x", TODAY))
