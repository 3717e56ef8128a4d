"""What families and heads of places are told by mail, with the write that it tells of."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import MessageOutbox, Person
from records.operations import waiting_list
from records.operations.account_links import reset_account
from records.operations.accounts import NewGrant, invite
from records.operations.accounts import NewInvitation as Invitation
from records.operations.messages import waiting_messages
from records.operations.offers import add_booking_rule
from records.operations.placements import NewPlacement, place_child
from records.operations.request_counter import ReceivedRequest, record_request
from records.operations.request_desk import RequestAnswer, answer_request
from records.operations.requests import NewRequest
from tests.factories.asking import DAY, REQUESTS, accept, an_asking_family, ask, ask_day, note, place
from tests.factories.people import FamilyRefs, a_family, an_account, logged_in
from tests.factories.town import END, EVENING, SCHOOL, START, TODAY, HandClock

ANNE = "anne@exemple.test"


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A family whose first guardian has an account and an address for mail."""
    add_booking_rule(town, SETUP, REQUESTS)
    made = an_asking_family(town)
    an_account(town, ANNE, "family", person_ref=made.guardians[0])
    with town.write(SETUP, "mail") as write:
        write.session.scalars(select(Person).where(Person.ref == made.guardians[0])).one().email = ANNE
    return made


@pytest.fixture
def anne(town: Records, family: FamilyRefs) -> Actor:
    return logged_in(town, ANNE)


def told(records: Records) -> list[tuple[str, str, dict[str, str | None]]]:
    """Return the kind, the address and the content of each message that waits."""
    return [(each.kind, each.address, each.content) for each in waiting_messages(records, SETUP)]


def test_who_asked_is_mailed_that_it_is_accepted(town: Records, family: FamilyRefs, anne: Actor) -> None:
    answer_request(town, SETUP, accept(ask_day(town, anne, family).ref))
    ((kind, address, content),) = told(town)
    assert (kind, address) == ("request_accepted", ANNE)
    assert (content["asked_on"], content["reason"]) == (TODAY.isoformat(), None)


def test_who_asked_is_mailed_why_it_is_refused(town: Records, family: FamilyRefs, anne: Actor) -> None:
    ref = ask_day(town, anne, family).ref
    answer_request(town, SETUP, RequestAnswer(ref, "refuse", "La cantine est complète ce jour-là."))
    ((kind, _, content),) = told(town)
    assert (kind, content["reason"]) == ("request_refused", "La cantine est complète ce jour-là.")


def test_no_mail_tells_why_what_concerns_health_is_refused(town: Records, family: FamilyRefs, anne: Actor) -> None:
    ref = ask(town, anne, "health", family, child_ref=family.child, added=[note()]).ref
    answer_request(town, SETUP, RequestAnswer(ref, "refuse", "Le PAI manque."))
    ((kind, _, content),) = told(town)
    assert (kind, content["reason"]) == ("request_refused", None)


def test_an_answer_that_is_not_written_mails_nobody(town: Records, family: FamilyRefs, anne: Actor) -> None:
    ref = ask_day(town, anne, family).ref
    with pytest.raises(InvalidData):
        answer_request(town, SETUP, RequestAnswer(ref, "refuse"))
    assert told(town) == []


def at_the_counter(family: FamilyRefs, guardian_ref: str) -> ReceivedRequest:
    """Return what a guardian asks by post: the canteen of a day."""
    payload = {**place(family), "days": [{"day": DAY, "action": "book"}]}
    return ReceivedRequest(NewRequest("bookings", family.ref, payload), guardian_ref, "post", TODAY)


def test_who_asked_without_an_account_is_mailed_at_the_address_of_their_file(
    town: Records, family: FamilyRefs
) -> None:
    with town.write(SETUP, "mail") as write:
        other = write.session.scalars(select(Person).where(Person.ref == family.guardians[1])).one()
        other.email = "paul@exemple.test"
    asked = record_request(town, SETUP, at_the_counter(family, family.guardians[1]))
    answer_request(town, SETUP, RequestAnswer(asked.ref, "refuse", "Complet."))
    ((kind, address, content),) = told(town)
    assert (kind, address) == ("request_refused", "paul@exemple.test")
    assert not content["has_account"]
    assert content["reason"] == "Complet."


def test_who_has_neither_account_nor_address_is_not_mailed(town: Records, family: FamilyRefs) -> None:
    asked = record_request(town, SETUP, at_the_counter(family, family.guardians[1]))
    answer_request(town, SETUP, accept(asked.ref))
    assert told(town) == []


def test_who_asked_at_the_counter_and_has_an_account_is_mailed_there(town: Records, family: FamilyRefs) -> None:
    asked = record_request(town, SETUP, at_the_counter(family, family.guardians[0]))
    answer_request(town, SETUP, accept(asked.ref))
    ((_, address, content),) = told(town)
    assert address == ANNE
    assert content["has_account"]


def test_a_new_link_leaves_the_mail_of_decisions_alone(town: Records, family: FamilyRefs, anne: Actor) -> None:
    answer_request(town, SETUP, accept(ask_day(town, anne, family).ref))
    for _ in range(2):
        reset_account(town, Actor("Chef", (Grant("super_admin"),), account_id=99), ANNE)
    assert [kind for kind, _, _ in told(town)] == ["request_accepted", "activate"]


def test_guardians_with_an_address_are_mailed_a_place_and_until_when(town: Records, family: FamilyRefs) -> None:
    until = TODAY + timedelta(days=7)
    new = waiting_list.NewWaiting("w", family.child, EVENING, SCHOOL, TODAY, TODAY)
    waiting_list.wait_for_place(town, SETUP, new)
    waiting_list.offer_place(town, SETUP, "w", until)
    ((kind, address, content),) = told(town)
    assert (kind, address) == ("place_offered", ANNE)
    assert (content["child"], content["until"]) == ("Léa", until.isoformat())
    assert (content["service"], content["place"]) == ("Garderie du soir", "École des Tilleuls")


def test_heads_of_a_placed_childs_places_are_mailed_the_file_and_no_name(town: Records) -> None:
    family = a_family(town, class_ref="tilleuls-cp")
    for login, role, where in (("claire", "coordinator", SCHOOL), ("luc", "coordinator", "ecole-bourg")):
        grants = (NewGrant(role, START, END, structure_ref=where),)
        invite(town, SETUP, Invitation(login, login.capitalize(), f"{login}@exemple.test", grants))
    with town.write(SETUP, "sent") as write:
        for row in write.session.scalars(select(MessageOutbox)):
            row.state = "sent"
    place_child(town, SETUP, NewPlacement(family.ref, family.child, TODAY, "x", carer_body="Foyer"))
    ((kind, address, content),) = told(town)
    assert (kind, address) == ("child_placed", "claire@exemple.test")
    assert content == {"name": "Claire", "family": family.ref, "from": TODAY.isoformat()}
    assert "Léa" not in json.dumps(content)


def test_a_mail_of_last_month_is_told_no_more(
    town: Records, family: FamilyRefs, anne: Actor, clock: HandClock
) -> None:
    answer_request(town, SETUP, accept(ask_day(town, anne, family).ref))
    clock.set(480, TODAY + timedelta(days=30))
    assert told(town) == []
