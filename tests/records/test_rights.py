"""Who may do what: every operation that takes an actor, against every role. Written by hand, read by people."""

import csv
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import records.operations
from domain.errors import InvalidData, NotAllowed, NotFound
from records.actors import RIGHTS_OF_ROLE, SETUP, Actor, Grant, Right, program
from records.database import Records
from records.operations.registry import Scope, all_operations
from records.operations.rights import REACH_WORDS, RIGHT_WORDS, ROLE_WORDS, Reach, matrix
from tests.factories.databases import SMALL_TOWN, sqlite_copy, sqlite_template
from tests.factories.people import a_family
from tests.factories.town import (
    OTHER_SCHOOL,
    SCHOOL,
    HandClock,
    place_ids,
)
from tests.records.operation_calls import AT_A_PLACE, CALLS, NEED_A_DEVICE, SAME_AS_ANOTHER, SHOWN_BY_PLACE

MATRIX = Path(__file__).parent / "rights_matrix.csv"


def read_matrix() -> dict[str, dict[str, str]]:
    """Return the table written by hand: how far each role must reach, by operation then by role.

    town: with the role for the whole collectivity; any: on every file; place: at the structures of the role;
    class: for the pupils of one's own classes; file: on one's own family file; no.
    """
    with MATRIX.open(encoding="utf-8", newline="") as handle:
        return {line.pop("operation"): line for line in csv.DictReader(handle)}


EXPECTED = read_matrix()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    """One town for the whole matrix: what is asked is whether the door opens, not what happens behind it."""
    folder, clock = tmp_path_factory.mktemp("rights"), HandClock()
    opened = sqlite_copy(sqlite_template(SMALL_TOWN), folder, clock)
    a_family(opened)
    yield opened
    opened.close()


def may(records: Records, actor: Actor, operation: str) -> bool:
    """Return whether the operation lets the actor in, whatever it says next."""
    try:
        CALLS[operation](records, actor)
    except NotAllowed:
        return False
    except (InvalidData, NotFound):
        return True
    return True


def operations_with_an_actor() -> set[str]:
    """Return every public operation that takes an actor."""
    found = set()
    for module in pkgutil.iter_modules(records.operations.__path__):
        loaded = importlib.import_module(f"records.operations.{module.name}")
        for name, function in vars(loaded).items():
            is_own = inspect.isfunction(function) and function.__module__ == loaded.__name__
            if is_own and not name.startswith("_") and "actor" in inspect.signature(function).parameters:
                found.add(name)
    return found


def test_matrix_knows_every_operation_that_takes_an_actor() -> None:
    assert operations_with_an_actor() == EXPECTED.keys() == CALLS.keys()


def test_every_operation_that_takes_an_actor_declares_its_right() -> None:
    assert operations_with_an_actor() == all_operations().keys()


@pytest.mark.parametrize("operation", sorted(EXPECTED))
def test_declared_right_reaches_as_far_as_the_matrix_says_for_each_role(operation: str) -> None:
    assert matrix()[operation] == EXPECTED[operation]


def test_matrix_and_french_words_know_every_role_and_right() -> None:
    assert all(line.keys() == RIGHTS_OF_ROLE.keys() == ROLE_WORDS.keys() for line in EXPECTED.values())
    assert RIGHT_WORDS.keys() == set(Right)
    assert REACH_WORDS.keys() == set(Reach)


def test_every_operation_at_a_place_is_tried_at_another_place() -> None:
    tried = {*AT_A_PLACE, *SHOWN_BY_PLACE, *SAME_AS_ANOTHER, *NEED_A_DEVICE}
    placed = {name for name, each in all_operations().items() if each.scope in (Scope.PLACE, Scope.CLASS)}
    assert placed == tried


def test_health_and_bank_details_are_not_for_it_clerks_agents_or_kitchen() -> None:
    sensitive = {Right.SEE_HEALTH, Right.EDIT_HEALTH, Right.SEE_BANK, Right.EDIT_BANK}
    for role in ("super_admin", "clerk", "agent", "teacher", "kitchen", "elected", "family"):
        assert not RIGHTS_OF_ROLE[role] & sensitive, role
    assert RIGHTS_OF_ROLE["finance"] & sensitive == {Right.SEE_BANK, Right.EDIT_BANK}


@pytest.mark.parametrize("operation", sorted(EXPECTED))
def test_roles_that_may(shared: Records, operation: str) -> None:
    allowed = {role for role in RIGHTS_OF_ROLE if may(shared, Actor(role, (Grant(role),), person_id=1), operation)}
    assert allowed == {role for role, reached in EXPECTED[operation].items() if reached != "no"}


@pytest.mark.parametrize(
    "operation", [name for name, line in sorted(EXPECTED.items()) if {"town", "any"} & set(line.values())]
)
def test_role_at_one_school_opens_files_and_nothing_of_the_town(shared: Records, operation: str) -> None:
    school = place_ids(shared)[SCHOOL]
    allowed = {role for role in RIGHTS_OF_ROLE if may(shared, Actor(role, (Grant(role, school),)), operation)}
    assert allowed == {role for role, reached in EXPECTED[operation].items() if reached == "any"}


@pytest.mark.parametrize("operation", sorted(EXPECTED))
def test_nobody_without_a_role_may(shared: Records, operation: str) -> None:
    assert not may(shared, Actor("personne", person_id=1), operation)


@pytest.mark.parametrize("operation", AT_A_PLACE)
def test_role_at_another_place_does_not_count(shared: Records, operation: str) -> None:
    ids = place_ids(shared)
    for role, reached in EXPECTED[operation].items():
        if reached == "place":
            assert may(shared, Actor("ici", (Grant(role, ids[SCHOOL]),)), operation), role
            assert not may(shared, Actor("ailleurs", (Grant(role, ids[OTHER_SCHOOL]),)), operation), role


def test_program_has_exactly_the_rights_it_was_given(shared: Records) -> None:
    terminal = program("terminal", Right.SEND_TAPS)
    assert [operation for operation in sorted(EXPECTED) if may(shared, terminal, operation)] == []
    assert terminal.may(Right.SEND_TAPS)
    assert all(SETUP.may(right) for right in Right)
    assert SETUP.structures_with(Right.SEE_PRESENCE) is None


def test_refusal_is_french_and_says_whom_to_ask() -> None:
    with pytest.raises(NotAllowed, match="Demandez ce droit à l'administration") as refusal:
        Actor("Claire", (Grant("agent"),)).require(Right.ADMINISTER)
    assert refusal.value.fields == {"actor": "Claire", "right": "administer", "structure_id": None}


def test_places_where_a_right_holds_are_those_of_its_grants() -> None:
    actor = Actor("Claire", (Grant("agent", 1), Grant("coordinator", 2), Grant("kitchen"), Grant("teacher", 3)))
    assert actor.structures_with(Right.SEE_PRESENCE) == frozenset({1, 2})
    assert actor.structures_with(Right.EDIT_FAMILIES) == frozenset({2})
    assert actor.structures_with(Right.SEE_MEALS) is None
    assert not actor.may(Right.SEE_PRESENCE)
    assert actor.may_somewhere(Right.SEE_PRESENCE)
