"""Waiting for an enrolment or a séjour: in order, offered until a day, and accepted with the enrolment itself."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.errors import Conflict, InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import Enrolment, Sejour, Service, WaitingEntry
from records.operations import services
from records.operations.enrolments import NewEnrolment, enrol
from records.operations.waiting_list import (
    NewWaiting,
    accept_offer,
    leave_waiting_list,
    offer_place,
    wait_for_place,
    waiting_list,
)
from tests.factories.databases import Database
from tests.factories.people import FamilyRefs, a_family, new_enrolment
from tests.factories.rows import a_row
from tests.factories.town import CENTRE, OTHER_SCHOOL, SCHOOL, START, TODAY, HandClock, place_ids

STARTS, ENDS = date(2027, 7, 5), date(2027, 7, 10)
NAMES = ("Martin", "Bernard", "Petit")
MER = "sejour-mer"


@pytest.fixture
def families(town: Records, town_database: Database) -> list[FamilyRefs]:
    """Three children of seven, and a séjour by the sea with two places."""
    return town_database.filled_once(town, fill)


def fill(town: Records) -> list[FamilyRefs]:
    services.add_service(town, SETUP, services.NewService("sejours", "Séjours", "sejour", "extrascolaire"))
    services.offer_service(town, SETUP, "sejours", [CENTRE], START)
    with town.read() as session:
        service_id = session.scalars(select(Service.id).where(Service.ref == "sejours")).one()
    places = {"service_id": service_id, "structure_id": place_ids(town)[CENTRE], "places": 2}
    a_row(town, Sejour, ref=MER, starts_on=STARTS, ends_on=ENDS, **places)
    return [a_family(town, name) for name in NAMES]


def to_the_sea(family: FamilyRefs, **changes: object) -> NewEnrolment:
    fields = {"structure_ref": CENTRE, "valid_from": STARTS, "valid_to": ENDS, "patterns": (), "sejour_ref": MER}
    return new_enrolment(family, "sejours", **{**fields, **changes})


def waits(family: FamilyRefs, **changes: object) -> NewWaiting:
    waiting = NewWaiting(family.ref, family.child, "sejours", CENTRE, STARTS, TODAY, sejour_ref=MER)
    return replace(waiting, **changes)  # type: ignore[arg-type]


def on_the_list(records: Records) -> list[tuple[str, int | None, str]]:
    return [(each.ref, each.rank, each.state) for each in waiting_list(records, SETUP, CENTRE, "sejours", MER)]


def test_sejour_takes_as_many_as_it_has_places(town: Records, families: list[FamilyRefs]) -> None:
    for family in families[:2]:
        enrol(town, SETUP, to_the_sea(family))
    with pytest.raises(InvalidData, match="est complet\u00a0: 2\u00a0places"):
        enrol(town, SETUP, to_the_sea(families[2]))
    with town.read() as session:
        assert len(session.scalars(select(Enrolment.sejour_id).where(Enrolment.sejour_id.is_not(None))).all()) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"valid_to": ENDS - timedelta(days=1)}, "du 05/07/2027 au 10/07/2027"),
        ({"service_ref": "mercredi"}, "n'est pas de ce service et de ce lieu"),
    ],
)
def test_enrolment_that_is_not_the_sejours_is_refused(
    town: Records, families: list[FamilyRefs], changes: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        enrol(town, SETUP, replace(to_the_sea(families[0]), **changes))  # type: ignore[arg-type]


def test_child_too_old_is_neither_enrolled_nor_put_on_the_list(town: Records, families: list[FamilyRefs]) -> None:
    young = a_family(town, "Lopez", children=("Léa", "Tom", "Zoé"))
    youngest = replace(young, children=(young.children[2],))  # born in 2018: nine years old
    with town.write(SETUP, "test") as write:
        write.session.scalars(select(Sejour)).one().age_to_months = 96
    said = "enfants de 6 ans à moins de 8 ans au 05/07/2027"
    with pytest.raises(InvalidData, match=said):
        enrol(town, SETUP, to_the_sea(youngest))
    with pytest.raises(InvalidData, match=said):
        wait_for_place(town, SETUP, waits(youngest))
    assert wait_for_place(town, SETUP, waits(families[0])) == 1


def test_list_is_in_the_order_of_priority_then_receipt(town: Records, families: list[FamilyRefs]) -> None:
    ranks = [
        wait_for_place(town, SETUP, waits(families[0])),
        wait_for_place(town, SETUP, waits(families[1], received_on=TODAY - timedelta(days=1))),
        wait_for_place(town, SETUP, waits(families[2], priority=1)),
    ]
    assert ranks == [1, 1, 1]
    assert on_the_list(town) == [("petit", 1, "waiting"), ("bernard", 2, "waiting"), ("martin", 3, "waiting")]
    with pytest.raises(InvalidData, match="déjà sur cette liste"):
        wait_for_place(town, SETUP, waits(families[0], ref="encore"))


def test_place_is_offered_to_the_first_and_is_nobody_elses_meanwhile(
    town: Records, families: list[FamilyRefs]
) -> None:
    enrol(town, SETUP, to_the_sea(families[0]))
    for family in families[1:]:
        wait_for_place(town, SETUP, waits(family))
    with pytest.raises(InvalidData, match="Léa Bernard attend depuis plus longtemps"):
        offer_place(town, SETUP, "petit", TODAY + timedelta(days=7))
    with pytest.raises(InvalidData, match="2\u00a0enfants attendent une place"):
        enrol(town, SETUP, to_the_sea(a_family(town, "Lopez")))
    offer_place(town, SETUP, "bernard", TODAY + timedelta(days=7))
    with pytest.raises(InvalidData, match="complet, avec les places déjà proposées"):
        offer_place(town, SETUP, "petit", TODAY + timedelta(days=7))
    with pytest.raises(InvalidData, match="est complet"):
        enrol(town, SETUP, to_the_sea(families[2]))
    assert accept_offer(town, SETUP, "bernard", to_the_sea(families[1]))
    assert on_the_list(town) == [("petit", 1, "waiting")]


def test_offer_nobody_answered_lapses_and_the_next_one_has_it(
    town: Records, families: list[FamilyRefs], clock: HandClock
) -> None:
    for family in families[:2]:
        wait_for_place(town, SETUP, waits(family))
    offer_place(town, SETUP, "martin", TODAY)
    clock.set(0, TODAY + timedelta(days=1))
    with pytest.raises(Conflict, match="l'offre a pris fin"):
        accept_offer(town, SETUP, "martin", to_the_sea(families[0]))
    offer_place(town, SETUP, "bernard", TODAY + timedelta(days=1))
    with town.read() as session:
        states = dict.fromkeys(session.scalars(select(WaitingEntry.state).order_by(WaitingEntry.id)))
    assert list(states) == ["lapsed", "offered"]


def test_offer_is_accepted_for_what_was_waited_for_alone(town: Records, families: list[FamilyRefs]) -> None:
    wait_for_place(town, SETUP, waits(families[0]))
    offer_place(town, SETUP, "martin", TODAY)
    with pytest.raises(InvalidData, match="n'est pas celle qui était attendue"):
        accept_offer(town, SETUP, "martin", to_the_sea(families[1]))
    assert leave_waiting_list(town, SETUP, "martin")
    assert not leave_waiting_list(town, SETUP, "martin")
    with town.read() as session:
        assert session.scalars(select(WaitingEntry.state)).all() == ["refused"]
    with pytest.raises(InvalidData, match="n'attend plus de place"):
        offer_place(town, SETUP, "martin", TODAY)


def test_weekly_place_waits_the_same_way_and_is_enrolled_with_its_days(
    town: Records, families: list[FamilyRefs]
) -> None:
    waiting = waits(families[0], service_ref="cantine", structure_ref=SCHOOL, wanted_from=TODAY, sejour_ref=None)
    assert wait_for_place(town, SETUP, waiting) == 1
    with pytest.raises(InvalidData, match="au moins la journée"):
        offer_place(town, SETUP, "martin", TODAY - timedelta(days=1))
    offer_place(town, SETUP, "martin", TODAY)
    enrolment_id = accept_offer(town, SETUP, "martin", new_enrolment(families[0], valid_from=TODAY))
    with town.read() as session:
        assert session.scalars(select(WaitingEntry)).one().enrolment_id == enrolment_id


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"priority": 0}, "commence à 1"),
        ({"wanted_from": START - timedelta(days=1)}, "n'est pas proposé à cet endroit le lundi 31 août 2026"),
        ({"structure_ref": SCHOOL}, "n'est pas proposé"),
    ],
)
def test_waiting_for_what_does_not_exist_is_refused(
    town: Records, families: list[FamilyRefs], changes: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        wait_for_place(town, SETUP, waits(families[0], **changes))


def test_clerk_of_another_place_touches_no_list_of_this_one(town: Records, families: list[FamilyRefs]) -> None:
    wait_for_place(town, SETUP, waits(families[0]))
    elsewhere = Actor("Anne", (Grant("clerk", place_ids(town)[OTHER_SCHOOL]),))
    for call in (
        lambda: offer_place(town, elsewhere, "martin", TODAY),
        lambda: leave_waiting_list(town, elsewhere, "martin"),
        lambda: waiting_list(town, elsewhere, CENTRE, "sejours", MER),
    ):
        with pytest.raises(NotAllowed):
            call()
    assert on_the_list(town) == [("martin", 1, "waiting")]
