"""Elected officials see figures by commune, and no group small enough to put a name on."""

from dataclasses import replace

import pytest

from domain.errors import NotAllowed
from domain.small_groups import SMALLEST_GROUP
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import Address, Person
from records.operations import families
from records.operations.figures import CommuneFigure, children_by_commune
from records.operations.lookup import ids_by_ref
from records.operations.roles import NewGrant, grant_role
from tests.factories.people import FamilyRefs, an_account, an_enrolment, logged_in, new_family
from tests.factories.rows import a_row
from tests.factories.town import CANTEEN, EVENING, OTHER_SCHOOL, SCHOOL, START, TODAY, place_ids

ELECTED = Actor("Élue", (Grant("elected"),))


def some_children(records: Records, count: int, commune: str, place: str = SCHOOL) -> list[FamilyRefs]:
    """Enrol so many children of a commune at the canteen of a place; returns their files."""
    made = []
    for number in range(count):
        family = replace(new_family(f"{commune} {place} {number}"), commune=commune)
        families.create_family(records, SETUP, family)
        refs = FamilyRefs(family.ref, (), (family.members[-1].person_ref,), (family.payers[0].ref,))
        an_enrolment(records, refs, CANTEEN, structure_ref=place)
        made.append(refs)
    return made


def told(records: Records, actor: Actor = ELECTED) -> dict[tuple[str, str], int | None]:
    """Return what an actor is told, by commune and service."""
    return {(each.commune, each.service_ref): each.children for each in children_by_commune(records, actor, TODAY)}


def test_group_of_five_is_told_and_of_four_is_hidden(town: Records) -> None:
    assert SMALLEST_GROUP == 5
    some_children(town, 5, "Le Bourg")
    some_children(town, 4, "Les Essarts")
    assert told(town) == {("Le Bourg", CANTEEN): 5, ("Les Essarts", CANTEEN): None}


def test_figures_hold_no_name_and_no_total(town: Records) -> None:
    an_enrolment(town, some_children(town, 5, "Le Bourg")[0], EVENING)
    assert children_by_commune(town, ELECTED, TODAY) == [
        CommuneFigure("Le Bourg", CANTEEN, "Cantine", 5),
        CommuneFigure("Le Bourg", EVENING, "Garderie du soir", None),
    ]


def test_elected_official_of_one_commune_sees_it_alone(town: Records) -> None:
    some_children(town, 5, "Le Bourg")
    some_children(town, 6, "Les Essarts")
    an_account(town, "elue")
    grant_role(town, SETUP, "elue", NewGrant("elected", START, commune="Les Essarts"))
    assert told(town, logged_in(town, "elue")) == {("Les Essarts", CANTEEN): 6}


def test_role_at_a_place_counts_the_children_of_that_place(town: Records) -> None:
    some_children(town, 5, "Le Bourg")
    some_children(town, 6, "Le Bourg", OTHER_SCHOOL)
    director = Actor("Direction", (Grant("leisure_director", place_ids(town)[OTHER_SCHOOL]),))
    assert told(town, director) == {("Le Bourg", CANTEEN): 6}
    assert told(town) == {("Le Bourg", CANTEEN): 11}
    with pytest.raises(NotAllowed):
        told(town, Actor("Cuisine", (Grant("kitchen"),)))


def test_child_counts_where_it_lives_before_where_its_file_is(town: Records) -> None:
    first = some_children(town, 6, "Le Bourg")[0]
    with town.read() as session:
        person_id = ids_by_ref(session, Person, [first.child])[first.child]
    a_row(town, Address, person_id=person_id, family_id=None, commune="Les Essarts", valid_from=START)
    assert told(town) == {("Le Bourg", CANTEEN): 5, ("Les Essarts", CANTEEN): None}


def test_enrolment_that_does_not_hold_that_day_does_not_count(town: Records) -> None:
    some_children(town, 5, "Le Bourg")
    assert children_by_commune(town, ELECTED, START.replace(year=2025)) == []
