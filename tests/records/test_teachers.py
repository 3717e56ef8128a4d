"""A teacher sees the pupils of their own classes, and nobody else of the school."""

from datetime import date, timedelta

import pytest

from domain.errors import InvalidData, NotAllowed, NotFound
from domain.time import instant_at
from records.actors import SETUP, Actor, Grant, OwnClass, Right
from records.database import Records
from records.operations.attendance import presence_now
from records.operations.collectivity import NewClass, add_classes
from records.operations.presence_freshness import presence_days, terminals_heard
from records.operations.teachers import NewClassTeacher, assign_teacher, end_teacher
from tests.factories.people import a_family, a_tap, a_terminal, an_account, an_enrolment, logged_in
from tests.factories.town import EVENING, NOW, OTHER_SCHOOL, SCHOOL, START, TODAY, ZONE, place_ids

IN_THE_EVENING = instant_at(TODAY, 1000, ZONE)


@pytest.fixture
def teacher(town: Records) -> Actor:
    """Two classes at the school, a child of each expected; the one who teaches the first, logged in."""
    add_classes(town, SETUP, [NewClass("tilleuls-ce1", SCHOOL, "2026-2027", "CE1", "CE1")])
    for name, class_ref in (("Fournier", "tilleuls-cp"), ("Petit", "tilleuls-ce1")):
        an_enrolment(town, a_family(town, name, class_ref=class_ref), EVENING)
    an_account(town, "claire", "teacher", structure_ref=SCHOOL)
    assign_teacher(town, SETUP, NewClassTeacher("tilleuls-cp", "Claire", START))
    return logged_in(town)


def seen(records: Records, actor: Actor, structure_id: int | None = None) -> list[str]:
    """Return the family names on today's board, of every service."""
    board = presence_now(records, actor, TODAY, IN_THE_EVENING, structure_id)
    return sorted(child.last_name for service in board.services for child in service.children)


def test_teacher_sees_the_pupils_of_their_class_alone(town: Records, teacher: Actor) -> None:
    assert seen(town, SETUP) == ["Fournier", "Petit"]
    assert seen(town, teacher) == ["Fournier"]
    assert seen(town, teacher, place_ids(town)[SCHOOL]) == ["Fournier"]


def test_teacher_sees_no_unknown_presence(town: Records, teacher: Actor) -> None:
    a_tap(town, a_terminal(town), 995, kind="roll_call", typed_name="Tom Blanc")
    assert presence_now(town, SETUP, TODAY, IN_THE_EVENING).unknown
    assert presence_now(town, teacher, TODAY, IN_THE_EVENING).unknown == ()


def test_teacher_is_refused_a_place_where_they_have_no_class(town: Records, teacher: Actor) -> None:
    with pytest.raises(NotAllowed):
        seen(town, teacher, place_ids(town)[OTHER_SCHOOL])


def test_teacher_without_a_class_sees_nobody(town: Records) -> None:
    an_enrolment(town, a_family(town), EVENING)
    an_account(town, "claire", "teacher", structure_ref=SCHOOL)
    assert seen(town, logged_in(town)) == []
    assert terminals_heard(town, logged_in(town), NOW).total == 0


def test_class_of_another_school_than_the_role_does_not_count(town: Records) -> None:
    a_family(town, class_ref="bourg-cp")
    an_account(town, "claire", "teacher", structure_ref=SCHOOL)
    assign_teacher(town, SETUP, NewClassTeacher("bourg-cp", "claire", START))
    assert logged_in(town).classes
    assert logged_in(town).classes_with(Right.SEE_PRESENCE) == frozenset()


def test_teacher_who_also_runs_a_place_sees_all_of_that_place(town: Records, teacher: Actor) -> None:
    an_enrolment(town, a_family(town, "Blanc", class_ref="bourg-cp"), EVENING, structure_ref=OTHER_SCHOOL)
    both = Actor(
        "Claire", (*teacher.grants, Grant("agent", place_ids(town)[OTHER_SCHOOL])), classes=teacher.classes
    )
    assert seen(town, both) == ["Blanc", "Fournier"]


def test_teacher_learns_of_terminals_and_days_of_their_own_school(town: Records, teacher: Actor) -> None:
    a_terminal(town)
    a_terminal(town, "borne-2", OTHER_SCHOOL)
    assert terminals_heard(town, teacher, NOW).total == 1
    assert TODAY in presence_days(town, teacher, TODAY, 7).days


def test_class_is_the_teachers_from_its_first_day_to_before_its_last(town: Records, teacher: Actor) -> None:
    assert {each.structure_id for each in teacher.classes} == {place_ids(town)[SCHOOL]}
    end_teacher(town, SETUP, "tilleuls-cp", "claire", TODAY + timedelta(days=1))
    assert logged_in(town).classes == teacher.classes
    end_teacher(town, SETUP, "tilleuls-cp", "claire", TODAY)
    assert logged_in(town).classes == frozenset()
    assign_teacher(town, SETUP, NewClassTeacher("tilleuls-cp", "claire", TODAY))
    assert logged_in(town).classes == teacher.classes


def test_class_given_twice_to_nobody_or_never_is_refused(town: Records, teacher: Actor) -> None:
    with pytest.raises(InvalidData, match="se chevauchent"):
        assign_teacher(town, SETUP, NewClassTeacher("tilleuls-cp", "claire", TODAY))
    with pytest.raises(InvalidData, match="Compte inconnu"):
        assign_teacher(town, SETUP, NewClassTeacher("tilleuls-cp", "personne", START))
    with pytest.raises(NotFound, match="classe inconnue"):
        assign_teacher(town, SETUP, NewClassTeacher("ulis", "claire", START))
    with pytest.raises(InvalidData, match="n'a pas la classe"):
        end_teacher(town, SETUP, "tilleuls-ce1", "claire", date(2026, 12, 1))


def test_rights_over_a_place_are_not_a_teachers(teacher: Actor) -> None:
    assert not teacher.may_somewhere(Right.SEE_PRESENCE)
    assert teacher.may_for_own_class(Right.SEE_PRESENCE)
    assert not teacher.may_for_own_class(Right.SEE_FAMILIES)
    assert teacher.structures_with(Right.SEE_PRESENCE) == frozenset()
    assert teacher.classes_with(Right.CALL_ROLL) == teacher.classes
    assert all(isinstance(each, OwnClass) for each in teacher.classes)
