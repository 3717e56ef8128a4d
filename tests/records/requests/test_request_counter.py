"""Requests that come at the counter, by post, by mail or by telephone, recorded by staff."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import Booking
from records.operations.offers import add_booking_rule
from records.operations.request_counter import ReceivedRequest, record_request
from records.operations.request_desk import answer_request, read_request
from records.operations.requests import NewRequest, my_requests
from tests.factories.asking import DAY, REQUESTS, accept, ask_day, note, place
from tests.factories.people import FamilyRefs, a_family
from tests.factories.town import TODAY, HandClock


def letter(family: FamilyRefs, **changes: object) -> ReceivedRequest:
    """Return a letter received today that asks for the canteen of DAY."""
    payload = {**place(family), "days": [{"day": DAY, "action": "book"}]}
    received = ReceivedRequest(NewRequest("bookings", family.ref, payload), family.guardians[0], "post", TODAY)
    return replace(received, **changes)  # type: ignore[arg-type]


def test_a_letter_typed_in_late_is_judged_on_the_day_it_came(
    town: Records, family: FamilyRefs, anne: Actor, clock: HandClock
) -> None:
    add_booking_rule(town, SETUP, REQUESTS)
    clock.set(480, DAY - timedelta(days=1))
    with pytest.raises(InvalidData):
        ask_day(town, anne, family)
    with pytest.raises(InvalidData):
        record_request(town, SETUP, letter(family, received_on=DAY - timedelta(days=1)))
    receipt = record_request(town, SETUP, letter(family))
    answer_request(town, SETUP, accept(receipt.ref))
    with town.read() as session:
        (booked,) = session.scalars(select(Booking))
    assert (booked.action, booked.channel, booked.received_on) == ("book", "post", TODAY)


def test_who_asked_finds_it_among_theirs_and_staff_see_how_it_came(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    receipt = record_request(town, desk, letter(family, channel="counter"))
    assert receipt.state == "pending"
    (own,) = my_requests(town, anne, family.ref)
    assert (own.ref, own.is_mine, own.received_on) == (receipt.ref, True, TODAY)
    assert read_request(town, SETUP, receipt.ref).line.channel == "counter"


def test_a_family_without_an_account_asks_at_the_counter_too(town: Records, family: FamilyRefs) -> None:
    receipt = record_request(town, SETUP, letter(family, guardian_ref=family.guardians[1]))
    assert answer_request(town, SETUP, accept(receipt.ref)).state == "accepted"


def test_service_that_accepts_by_itself_waits_for_staff_all_the_same(town: Records, family: FamilyRefs) -> None:
    add_booking_rule(town, SETUP, replace(REQUESTS, portal_mode="automatic"))
    assert record_request(town, SETUP, letter(family)).state == "pending"


def test_a_request_that_nobody_could_have_received_is_refused(town: Records, family: FamilyRefs) -> None:
    other = a_family(town, "Petit")
    for changes, said in (
        ({"channel": "portal"}, "comment la demande est arrivée"),
        ({"received_on": TODAY + timedelta(days=1)}, "à venir"),
        ({"guardian_ref": other.guardians[0]}, "pas représentant légal"),
    ):
        with pytest.raises(InvalidData) as refusal:
            record_request(town, SETUP, letter(family, **changes))
        assert said in refusal.value.message.replace("\u00a0", " ")


def test_a_clerk_without_the_right_to_health_records_nothing_of_it(town: Records, family: FamilyRefs) -> None:
    asked = NewRequest("health", family.ref, {"child_ref": family.child, "added": [note()]})
    clerk = Actor("saisie", (Grant("clerk"),))
    with pytest.raises(NotAllowed):
        record_request(town, clerk, letter(family, request=asked))
    assert record_request(town, clerk, letter(family)).state == "pending"
