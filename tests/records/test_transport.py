"""Transport: who boards and alights where, on the list that goes with the bus, and never more than its seats."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.operations import services
from records.operations.bookings import cancel
from records.operations.transport import (
    LineList,
    NewLine,
    NewSeat,
    NewStop,
    _fullest,
    add_transport_line,
    end_seat,
    give_seat,
    transport_list,
)
from tests.factories.databases import Database
from tests.factories.people import FamilyRefs, a_family, an_enrolment, new_booking
from tests.factories.town import OTHER_SCHOOL, SCHOOL, START, TODAY, canteen_rule, place_ids

BUS = "car"
STOPS = (NewStop("Mairie", 450), NewStop("Moulin", 460), NewStop("École", 480, SCHOOL))
OUTWARD = NewLine("ligne-1", BUS, "Ligne 1 aller", "outward", START, STOPS)
THURSDAY = TODAY + timedelta(days=2)
NAMES = ("Martin", "Bernard", "Petit")


@pytest.fixture
def families(town: Records, town_database: Database) -> list[FamilyRefs]:
    """Three children enrolled in the bus on school days, and the line."""
    return town_database.filled_once(town, fill)


def fill(town: Records) -> list[FamilyRefs]:
    services.add_service(town, SETUP, services.NewService(BUS, "Car", "transport", "none"))
    services.offer_service(town, SETUP, BUS, [SCHOOL], START)
    rule = canteen_rule(service_ref=BUS, slot_start_minute=440, slot_end_minute=500, serves_meal=False)
    services.add_rule(town, SETUP, rule)
    add_transport_line(town, SETUP, OUTWARD)
    made = [a_family(town, name) for name in NAMES]
    for family in made:
        an_enrolment(town, family, BUS, ref=family.ref)
    return made


def seat(family: FamilyRefs, boards_at: int = 1, alights_at: int = 3, **changes: object) -> NewSeat:
    asked = NewSeat(family.ref, OUTWARD.ref, boards_at, alights_at, START)
    return replace(asked, **changes)  # type: ignore[arg-type]


def names(found: LineList) -> list[tuple[str, list[str], list[str]]]:
    return [
        (stop.label, [each.last_name for each in stop.boarding], [each.last_name for each in stop.alighting])
        for stop in found.stops
    ]


def test_list_says_who_boards_and_alights_at_each_stop_by_name(town: Records, families: list[FamilyRefs]) -> None:
    give_seat(town, SETUP, seat(families[0]))
    give_seat(town, SETUP, seat(families[1]))
    found = transport_list(town, SETUP, OUTWARD.ref, TODAY)
    assert names(found) == [
        ("Mairie", ["Bernard", "Martin"], []),
        ("Moulin", [], []),
        ("École", [], ["Bernard", "Martin"]),
    ]
    assert [each.last_name for each in found.without_stop] == ["Petit"]
    assert (found.travellers, found.stops[1].local_minute) == (2, 460)


def test_who_is_not_expected_is_not_on_the_list(town: Records, families: list[FamilyRefs]) -> None:
    give_seat(town, SETUP, seat(families[0]))
    cancel(town, SETUP, new_booking(families[0], service_ref=BUS))
    assert transport_list(town, SETUP, OUTWARD.ref, TODAY).travellers == 0
    assert transport_list(town, SETUP, OUTWARD.ref, THURSDAY).travellers == 1


def test_stop_of_one_weekday_stands_over_that_of_each_day(town: Records, families: list[FamilyRefs]) -> None:
    give_seat(town, SETUP, seat(families[0]))
    give_seat(town, SETUP, seat(families[0], 2, weekday=3))
    assert names(transport_list(town, SETUP, OUTWARD.ref, TODAY))[0] == ("Mairie", ["Martin"], [])
    assert names(transport_list(town, SETUP, OUTWARD.ref, THURSDAY))[1] == ("Moulin", ["Martin"], [])


def test_bus_is_full_between_two_stops_and_not_beyond(town: Records, families: list[FamilyRefs]) -> None:
    small = replace(OUTWARD, ref="navette", label="Navette", seats=1)
    add_transport_line(town, SETUP, small)
    give_seat(town, SETUP, seat(families[0], 1, 2, line_ref="navette"))
    with pytest.raises(
        InvalidData, match="Le car «\u00a0Navette\u00a0» est complet sur ce trajet\u00a0: 1\u00a0place"
    ):
        give_seat(town, SETUP, seat(families[1], 1, 3, line_ref="navette"))
    give_seat(town, SETUP, seat(families[1], 2, 3, line_ref="navette"))
    found = transport_list(town, SETUP, "navette", TODAY)
    assert [each.last_name for each in found.without_stop] == ["Petit"]
    assert transport_list(town, SETUP, OUTWARD.ref, TODAY).without_stop == found.without_stop


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"boards_at": 3, "alights_at": 1}, "dans l'ordre du trajet"),
        ({"alights_at": 9}, "deux arrêts de la ligne"),
        ({"weekday": 7}, "Jour de semaine inconnu"),
        ({"valid_to": START}, "doit venir après le début"),
        ({"enrolment_ref": "cantine"}, "n'est pas celle du transport"),
    ],
)
def test_seat_that_cannot_be_is_refused(
    town: Records, families: list[FamilyRefs], changes: dict[str, object], said: str
) -> None:
    an_enrolment(town, families[0], ref="cantine")
    with pytest.raises(InvalidData, match=said):
        give_seat(town, SETUP, replace(seat(families[0]), **changes))  # type: ignore[arg-type]


def test_second_seat_of_the_same_days_is_refused(town: Records, families: list[FamilyRefs]) -> None:
    give_seat(town, SETUP, seat(families[0]))
    with pytest.raises(InvalidData, match="déjà donné pour ces jours"):
        give_seat(town, SETUP, seat(families[0], 2))


def test_child_changes_stops_from_a_day_on(town: Records, families: list[FamilyRefs]) -> None:
    seat_id = give_seat(town, SETUP, seat(families[0]))
    assert end_seat(town, SETUP, seat_id, TODAY) is True
    assert end_seat(town, SETUP, seat_id, TODAY) is False
    give_seat(town, SETUP, seat(families[0], 2, valid_from=TODAY))
    boarding = [each.last_name for each in transport_list(town, SETUP, OUTWARD.ref, TODAY).stops[1].boarding]
    assert boarding == ["Martin"]
    with pytest.raises(InvalidData, match="n'existe plus"):
        end_seat(town, SETUP, 0, TODAY)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"direction": "aller"}, "Sens inconnu"),
        ({"stops": STOPS[:1]}, "au moins deux arrêts"),
        ({"stops": STOPS[::-1]}, "dans l'ordre des heures"),
        ({"seats": 0}, "au moins une place"),
    ],
)
def test_line_that_cannot_be_is_refused(
    town: Records, families: list[FamilyRefs], changes: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        add_transport_line(town, SETUP, replace(OUTWARD, ref="x", **changes))  # type: ignore[arg-type]


def test_agent_of_another_school_sees_nobody_on_the_list(town: Records, families: list[FamilyRefs]) -> None:
    give_seat(town, SETUP, seat(families[0]))
    elsewhere = Actor("Ali", (Grant("agent", place_ids(town)[OTHER_SCHOOL]),))
    assert transport_list(town, elsewhere, OUTWARD.ref, TODAY).travellers == 0
    with pytest.raises(NotAllowed):
        give_seat(town, Actor("Anne", (Grant("clerk", place_ids(town)[OTHER_SCHOOL]),)), seat(families[1]))


segments = st.tuples(st.integers(1, 8), st.integers(1, 8)).map(sorted).filter(lambda s: s[0] < s[1]).map(tuple)


@given(st.lists(segments, max_size=12), segments)
def test_fullest_stretch_is_where_most_ride_together(others: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    riders = [sum(start <= place < end for start, end in others) for place in range(1, 8)]
    assert _fullest(others, asked) == max(riders[asked[0] - 1 : asked[1] - 1])
