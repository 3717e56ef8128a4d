"""What a family books by itself: only its own children, and only where the service accepts alone and in time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotFound
from records.actors import SETUP, Actor
from records.database import Records
from records.models import Booking
from records.operations.attendance import expected
from records.operations.enrolments import enrol
from records.operations.offers import NewBookingRule, NewCapacity, add_booking_rule, add_capacity
from records.operations.own_bookings import book_own
from tests.factories.people import FamilyRefs, a_family, an_account, logged_in, new_booking, new_enrolment
from tests.factories.town import CANTEEN, SCHOOL, START, TODAY, HandClock

TOMORROW_WEEK = TODAY + timedelta(days=9)  # a Thursday
AUTOMATIC = NewBookingRule(
    CANTEEN, START, "Délibération", "automatic", deadline_rule="days_before", deadline_days=2, deadline_minute=720,
    after_deadline="billed", has_waiting_list=True,
)  # fmt: skip


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A child who eats on booked days alone, and a guardian with an account."""
    made = a_family(town)
    enrol(town, SETUP, new_enrolment(made, patterns=()))
    an_account(town, "anne", "family", person_ref=made.guardians[0])
    return made


@pytest.fixture
def guardian(town: Records, family: FamilyRefs) -> Actor:
    """The guardian, logged in."""
    return logged_in(town, "anne")


def test_automatic_service_takes_a_familys_booking_at_once(
    town: Records, family: FamilyRefs, guardian: Actor
) -> None:
    add_booking_rule(town, SETUP, AUTOMATIC)
    answer = book_own(town, guardian, [new_booking(family, TOMORROW_WEEK, channel="counter")])[0]
    assert answer.message.startswith("Réservation enregistrée")
    with town.read() as session:
        assert [each.child_ref for each in expected(session, None, TOMORROW_WEEK, TOMORROW_WEEK)] == [family.child]
        row = session.scalars(select(Booking)).one()
        assert (row.channel, row.received_on) == ("portal", TODAY)
        assert row.recorded_by.startswith("Anne")


def test_service_that_looks_at_each_request_takes_none_alone(
    town: Records, family: FamilyRefs, guardian: Actor
) -> None:
    add_booking_rule(town, SETUP, replace(AUTOMATIC, portal_mode="requests"))
    with pytest.raises(InvalidData, match="regarde chaque demande"):
        book_own(town, guardian, [new_booking(family, TOMORROW_WEEK)])


def test_past_the_deadline_a_person_must_look_whatever_day_the_family_gives(
    town: Records, family: FamilyRefs, guardian: Actor, clock: HandClock
) -> None:
    add_booking_rule(town, SETUP, AUTOMATIC)
    clock.set(721, TOMORROW_WEEK - timedelta(days=2))
    asked = new_booking(family, TOMORROW_WEEK, received_on=TODAY, despite="s'il vous plaît")
    with pytest.raises(InvalidData, match="est passé depuis mardi 1er décembre, 12\u00a0h"):
        book_own(town, guardian, [asked])
    assert book_own(town, guardian, [replace(asked, action="absence")])[0].action == "absence"


def test_family_waits_like_anybody_when_no_place_is_left(
    town: Records, family: FamilyRefs, guardian: Actor
) -> None:
    add_booking_rule(town, SETUP, AUTOMATIC)
    add_capacity(town, SETUP, NewCapacity(SCHOOL, START, 0, "SDJES"))
    assert book_own(town, guardian, [new_booking(family, TOMORROW_WEEK)])[0].rank == 1


def test_nobody_books_for_another_familys_child_or_decides_a_request(
    town: Records, family: FamilyRefs, guardian: Actor
) -> None:
    add_booking_rule(town, SETUP, AUTOMATIC)
    other = a_family(town, "Petit", children=("Tom",))
    enrol(town, SETUP, new_enrolment(other, patterns=()))
    with pytest.raises(NotFound, match="n'est pas dans votre dossier"):
        book_own(town, guardian, [new_booking(other, TOMORROW_WEEK)])
    with pytest.raises(InvalidData, match="réserver, annuler ou déclarer une absence"):
        book_own(town, guardian, [new_booking(family, TOMORROW_WEEK, action="accept")])
