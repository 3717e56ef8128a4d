"""Whoever has no mail address is told by post: printed once, in the order of a round."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from exchanges.mail import town_of
from exchanges.papers.postal import letters_pdf
from records.actors import SETUP, Actor
from records.database import Records
from records.models import Address, Family, MessageOutbox, Person
from records.operations.messages import BY_POST, waiting_messages
from records.operations.offers import add_booking_rule
from records.operations.postal_letters import letters_to_print, tick_printed
from records.operations.request_counter import ReceivedRequest, record_request
from records.operations.request_desk import answer_request
from records.operations.requests import NewRequest
from tests.factories.asking import DAY, REQUESTS, accept, an_asking_family, place
from tests.factories.people import FamilyRefs, an_account, logged_in
from tests.factories.rows import a_row
from tests.factories.town import START, TODAY


@pytest.fixture
def desk(town: Records) -> Actor:
    """A functional administrator, logged in."""
    an_account(town, "claire", "admin_school")
    return logged_in(town, "claire")


def told_by_post(town: Records, desk: Actor) -> FamilyRefs:
    """A guardian without a mail address whose request, made at the counter, was accepted."""
    family = an_asking_family(town)
    payload = {**place(family), "days": [{"day": DAY, "action": "book"}]}
    wanted = NewRequest("bookings", family.ref, payload)
    received = ReceivedRequest(wanted, family.guardians[0], "counter", TODAY)
    answer_request(town, desk, accept(record_request(town, desk, received).ref))
    return family


def test_who_has_no_mail_address_is_written_to_at_home_and_no_mail_carries_it(town: Records, desk: Actor) -> None:
    add_booking_rule(town, SETUP, REQUESTS)
    family = told_by_post(town, desk)
    with town.read() as session:
        family_id = session.scalars(select(Family.id).where(Family.ref == family.ref)).one()
        address = session.scalars(select(MessageOutbox.address)).one()
    assert address == f"{BY_POST}{family.guardians[0]}"
    assert waiting_messages(town, SETUP) == []
    with town.write(SETUP, "move") as write:
        for row in write.session.scalars(select(Address).where(Address.family_id == family_id)):
            write.session.delete(row)
    street = {"street": "12 rue des Lilas", "postcode": "99000", "commune": "Ville"}
    a_row(town, Address, family_id=family_id, valid_from=START, **street)
    (letter,) = letters_to_print(town, desk).letters
    assert letter.lines == ("12 rue des Lilas", "99000 VILLE")
    with town.read() as session:
        name = session.scalars(select(Person.last_name).where(Person.ref == family.guardians[0])).one()
    assert name.upper() in letter.name


def test_letters_are_one_pdf_that_says_what_the_mail_says_and_are_printed_once(town: Records, desk: Actor) -> None:
    add_booking_rule(town, SETUP, REQUESTS)
    told_by_post(town, desk)
    found = letters_to_print(town, desk)
    pages = PdfReader(BytesIO(letters_pdf(found, town_of(town), "https://portail.exemple.test"))).pages
    assert len(pages) == 2  # a sheet printed on both sides
    text = pages[0].extract_text()
    assert "Votre demande est acceptée" in text
    assert found.letters[0].name in text
    assert tick_printed(town, desk, [each.message.message_id for each in found.letters]) == 1
    assert letters_to_print(town, desk).letters == []
    assert tick_printed(town, desk, [each.message.message_id for each in found.letters]) == 0
