"""Closures, strikes and outings: what they shut, whom they take away, and what comes back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Conflict, InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.operations.attendance import expected
from records.operations.bookings import book
from records.operations.events import NewEvent, add_event, cancel_event
from tests.factories.people import FamilyRefs, a_family, an_enrolment, new_booking
from tests.factories.town import CANTEEN, EVENING, OTHER_SCHOOL, SCHOOL, TODAY

TOMORROW = TODAY + timedelta(days=1)
CLOSURE = NewEvent("travaux", "closure", "Travaux", TODAY, TOMORROW, SCHOOL)
OUTING = NewEvent("sortie", "outing", "Musée", TODAY, TOMORROW, SCHOOL, "tilleuls-cp", None, 540, 960)


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A pupil of the CP who eats and stays in the evening."""
    made = a_family(town, class_ref="tilleuls-cp")
    an_enrolment(town, made)
    an_enrolment(town, made, EVENING, ref="soir")
    return made


def services_of(town: Records) -> list[str]:
    with town.read() as session:
        return [each.service_ref for each in expected(session, None, TODAY, TODAY)]


def test_closure_shuts_every_service_of_the_place_until_it_is_taken_back(town: Records, family: FamilyRefs) -> None:
    add_event(town, SETUP, CLOSURE)
    assert services_of(town) == []
    with pytest.raises(InvalidData, match="est fermé le mardi 24 novembre 2026"):
        book(town, SETUP, new_booking(family))
    assert cancel_event(town, SETUP, "travaux")
    assert services_of(town) == [CANTEEN, EVENING]
    assert not cancel_event(town, SETUP, "travaux")


def test_strike_of_one_service_or_of_another_place_leaves_the_others(town: Records, family: FamilyRefs) -> None:
    add_event(town, SETUP, replace(CLOSURE, kind="strike", service_ref=CANTEEN))
    add_event(town, SETUP, replace(CLOSURE, ref="bourg", structure_ref=OTHER_SCHOOL))
    assert services_of(town) == [EVENING]


def test_strike_through_which_the_service_runs_shuts_nothing(town: Records, family: FamilyRefs) -> None:
    add_event(town, SETUP, replace(CLOSURE, kind="strike_served"))
    assert services_of(town) == [CANTEEN, EVENING]
    with pytest.raises(InvalidData, match="une classe qui n'est pas reçue est une fermeture"):
        add_event(town, SETUP, replace(CLOSURE, ref="cp", kind="strike_served", class_ref="tilleuls-cp"))


def test_outing_takes_its_class_from_the_services_it_covers(town: Records, family: FamilyRefs) -> None:
    an_enrolment(town, a_family(town, "Petit", children=("Tom",), class_ref="bourg-cp"))
    add_event(town, SETUP, OUTING)
    assert services_of(town) == [CANTEEN, EVENING]  # Tom of another class eats; Léa is back for the evening


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "fête"}, "Nature d'événement inconnue"),
        ({"ends_on": TODAY}, "doit venir après le début"),
        ({"class_ref": None}, "dites laquelle est absente"),
        ({"structure_ref": OTHER_SCHOOL}, "n'est pas de cette structure"),
        ({"structure_ref": None}, "Indiquez la structure"),
        ({"end_minute": None}, "ou aucune des deux"),
    ],
)
def test_event_that_cannot_be_is_refused_in_words(town: Records, changes: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidData, match=said):
        add_event(town, SETUP, replace(OUTING, **changes))  # type: ignore[arg-type]


def test_event_of_the_whole_town_takes_the_right_in_the_whole_town(town: Records, family: FamilyRefs) -> None:
    everywhere = replace(CLOSURE, structure_ref=None)
    with pytest.raises(NotAllowed):
        add_event(town, Actor("Claire", (Grant("coordinator", 1),)), everywhere)
    add_event(town, Actor("Claire", (Grant("coordinator"),)), everywhere)
    assert services_of(town) == []
    with pytest.raises(Conflict, match="modifiée par quelqu'un d'autre"):
        cancel_event(town, SETUP, "travaux", row_version=9)
