"""Each kind of request: who may read it, what its service's rule says, and what its acceptance writes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from domain.errors import InvalidData, NotAllowed, NotFound
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import (
    Answer,
    Authorisation,
    AuthorisationKind,
    Booking,
    ClassMembership,
    Enrolment,
    HealthAccess,
    HealthNote,
    Mandate,
    Person,
    Question,
    SchoolClass,
)
from records.operations.family_edits import edit_member
from records.operations.family_file import open_family_file
from records.operations.offers import add_booking_rule
from records.operations.request_desk import (
    answer_request,
    answer_requests,
    decided_requests,
    pending_counts,
    pending_requests,
    read_request,
)
from records.operations.requests import NewRequest, my_requests, submit_request
from tests.factories.asking import DAY, IBAN, REQUESTS, accept, ask, ask_day, note, place
from tests.factories.people import FamilyRefs, a_family, an_account, logged_in
from tests.factories.rows import a_row
from tests.factories.town import END, EVENING, OTHER_SCHOOL, SCHOOL, START, TODAY, HandClock, place_ids


def test_health_is_read_with_its_right_alone_and_each_reading_is_logged(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    asked = ask(town, anne, "health", family, child_ref=family.child, added=[note()])
    it = Actor("informatique", (Grant("super_admin"),))
    with pytest.raises(NotAllowed):
        read_request(town, it, asked.ref)
    with pytest.raises(NotAllowed):
        pending_requests(town, it, "health")
    assert "health" not in {each.kind for each in pending_counts(town, it)}
    view = read_request(town, desk, asked.ref)
    assert [each.new for each in view.changes if each.seen is None] == [
        None,
        "Allergie, Arachide, Trousse au bureau",
    ]
    with town.read() as session:
        assert session.scalars(select(HealthAccess.operation)).all() == ["read_request"]
    answer_request(town, desk, accept(asked.ref))
    with town.read() as session:
        assert session.scalars(select(HealthNote)).one().label == "Arachide"


def test_bank_details_are_for_who_asked_and_for_who_may_read_them(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    account = {"payer_ref": family.payers[0], "holder_name": "Anne Fournier", "iban": IBAN, "debit_day": 10}
    with pytest.raises(NotFound, match="Ce payeur n'est pas"):
        ask(town, anne, "bank", family, **{**account, "payer_ref": family.payers[1]})
    with pytest.raises(InvalidData, match="IBAN n'est pas juste"):
        ask(town, anne, "bank", family, **{**account, "iban": IBAN[:-1] + "0"})
    asked = ask(town, anne, "bank", family, **account)
    an_account(town, "paul", "family", person_ref=family.guardians[1])
    assert my_requests(town, logged_in(town, "paul"), family.ref) == []
    coordinator = Actor("coordinatrice", (Grant("coordinator"),))
    with pytest.raises(NotAllowed):
        read_request(town, coordinator, asked.ref)
    with pytest.raises(NotAllowed):
        answer_request(town, coordinator, accept(asked.ref))
    answer_request(town, desk, accept(asked.ref))
    with town.read() as session:
        mandate = session.scalars(select(Mandate)).one()
        assert (mandate.state, mandate.iban, mandate.debit_day) == ("draft", IBAN.replace(" ", ""), 10)


@pytest.mark.parametrize("secret", ["Arachide", "Trousse", "30006000"])
def test_no_word_of_health_or_bank_is_readable_at_rest(
    town: Records, family: FamilyRefs, anne: Actor, secret: str
) -> None:
    ask(town, anne, "health", family, child_ref=family.child, added=[note()])
    account = {"payer_ref": family.payers[0], "holder_name": "Anne", "iban": IBAN.replace(" ", ""), "debit_day": 10}
    ask(town, anne, "bank", family, **account)
    with town.read() as session:
        stored = [
            str(session.execute(text(f"select * from {table}")).all())
            for table in ("request", "request_decision", "audit", "mandate", "health_note")
        ]
    assert not any(secret in each for each in stored)


def test_late_answer_is_judged_on_the_day_the_family_asked(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor, clock: HandClock
) -> None:
    add_booking_rule(town, SETUP, REQUESTS)
    asked = ask_day(town, anne, family)
    clock.set(600, DAY - timedelta(days=1))
    messages = answer_request(town, desk, accept(asked.ref)).messages
    assert messages[0].startswith("Réservation enregistrée")
    with town.read() as session:
        row = session.scalars(select(Booking)).one()
        assert (row.channel, row.received_on, row.batch_ref) == ("portal", TODAY, asked.ref)


def test_what_could_never_be_accepted_is_refused_at_once_with_the_reason(
    town: Records, family: FamilyRefs, anne: Actor, clock: HandClock
) -> None:
    add_booking_rule(town, SETUP, REQUESTS)
    clock.set(721, DAY - timedelta(days=2))
    with pytest.raises(InvalidData, match="est passé depuis mardi 1er décembre"):
        ask_day(town, anne, family)
    with town.read() as session:
        assert session.scalar(select(func.count()).select_from(Booking)) == 0


def test_automatic_service_accepts_in_time_before_anybody_looks(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    add_booking_rule(town, SETUP, replace(REQUESTS, portal_mode="automatic"))
    asked = ask_day(town, anne, family)
    assert asked.state == "accepted"
    assert asked.messages[0].startswith("Réservation enregistrée")
    line = decided_requests(town, desk).lines[0]
    assert (line.ref, line.is_automatic) == (asked.ref, True)
    assert str(line.decided_by).startswith("Anne")


def test_automatic_service_past_its_deadline_lets_a_person_look(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor, clock: HandClock
) -> None:
    add_booking_rule(town, SETUP, replace(REQUESTS, portal_mode="automatic", after_deadline="billed"))
    clock.set(721, DAY - timedelta(days=2))
    asked = ask_day(town, anne, family)
    assert asked.state == "pending"
    assert answer_request(town, desk, accept(asked.ref)).state == "accepted"


@pytest.mark.parametrize("mode", ["hidden", "information"])
def test_service_that_takes_nothing_on_the_portal_says_so(
    town: Records, family: FamilyRefs, anne: Actor, mode: str
) -> None:
    add_booking_rule(town, SETUP, replace(REQUESTS, portal_mode=mode))
    with pytest.raises(InvalidData, match="ne prend pas de demande en ligne"):
        ask_day(town, anne, family)


def test_bookings_are_answered_at_their_place_alone(town: Records, family: FamilyRefs, anne: Actor) -> None:
    add_booking_rule(town, SETUP, REQUESTS)
    asked, ids = ask_day(town, anne, family), place_ids(town)
    here, elsewhere = (Actor("x", (Grant("coordinator", ids[ref]),)) for ref in (SCHOOL, OTHER_SCHOOL))
    with pytest.raises(NotAllowed):
        answer_request(town, elsewhere, accept(asked.ref))
    assert pending_requests(town, elsewhere, "bookings").total == 0
    assert pending_requests(town, here, "bookings").total == 1
    assert answer_request(town, here, accept(asked.ref)).state == "accepted"


def test_absence_names_its_reason_and_is_declared_once_accepted(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    add_booking_rule(town, SETUP, REQUESTS)
    with pytest.raises(InvalidData, match="Choisissez le motif"):
        ask(town, anne, "absences", family, **place(family), days=[DAY])
    asked = ask(town, anne, "absences", family, **place(family), days=[DAY], reason="Rendez-vous")
    answer_request(town, desk, accept(asked.ref))
    with town.read() as session:
        row = session.scalars(select(Booking)).one()
        assert (row.action, row.reason) == ("absence", "Rendez-vous")


def test_tax_and_caf_data_are_added_to_the_file(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    tax = ask(
        town, anne, "tax", family,
        income_year=2025, annual_cents=2_400_000, children=1, effective_from=TODAY, payer_ref=family.payers[0],
    )  # fmt: skip
    caf = ask(town, anne, "caf", family, qf_e2=65_000, effective_from=TODAY, payer_ref=family.payers[0])
    assert [each.state for each in answer_requests(town, desk, [accept(tax.ref), accept(caf.ref)])] == [
        "accepted",
        "accepted",
    ]
    with town.read() as session:
        assert session.execute(text("select annual_cents, source from income")).all() == [(2_400_000, "tax_notice")]
        assert session.scalar(text("select value_e2 from qf where payer_id is not null")) == 65_000


def child(**changes: object) -> dict[str, object]:
    """Return a child to add."""
    return {"first_name": "Zoé", "last_name": "Fournier", "birth_date": "2024-05-02", **changes}


def test_child_joins_the_file_once_accepted(town: Records, family: FamilyRefs, anne: Actor, desk: Actor) -> None:
    asked = ask(town, anne, "child", family, **child())
    answer_request(town, desk, accept(asked.ref))
    file = open_family_file(town, desk, family.ref)
    assert [each.first_name for each in file.members if each.role == "child"] == ["Léa", "Zoé"]


def test_family_is_not_told_that_a_child_like_theirs_is_known_and_staff_bring_that_one_in(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    other = a_family(town, "Petit", children=("Tom",))
    asked = ask(town, anne, "child", family, **child(first_name="Tom", last_name="Petit", birth_date="2020-03-02"))
    assert asked.state == "pending"
    with pytest.raises(InvalidData, match=other.child):
        answer_request(town, desk, accept(asked.ref))
    answer_request(town, desk, accept(asked.ref, completion={"person_ref": other.child}))
    assert other.child in {each.person_ref for each in open_family_file(town, desk, family.ref).members}


def test_contact_may_collect_once_accepted_and_an_interdiction_is_not_lifted_online(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    asked = ask(
        town, anne, "pickup", family, first_name="Rose", last_name="Fournier", phone="0601020304", kinship="mamie"
    )
    answer_request(town, desk, accept(asked.ref))
    rose = next(each for each in open_family_file(town, desk, family.ref).members if each.role == "contact")
    assert (rose.first_name, rose.pickup, rose.kinship) == ("Rose", "yes", "mamie")
    payload = {"person_ref": rose.person_ref, "pickup": "no"}
    no = submit_request(town, anne, NewRequest("pickup", family.ref, payload, 1))
    answer_request(town, desk, accept(no.ref))
    edit_member(town, desk, rose.member_id, {"pickup": "forbidden"}, 2)
    with pytest.raises(InvalidData, match="Une interdiction de sortie ne se change pas en ligne"):
        submit_request(town, anne, NewRequest("pickup", family.ref, {**payload, "pickup": "yes"}, 3))


def test_authorisation_is_the_word_of_who_asked(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    photo = a_row(town, AuthorisationKind, ref="photo", label="Photo", valid_from=START)
    asked = ask(
        town, anne, "authorisations", family,
        child_ref=family.child, valid_from=TODAY, given=[{"kind_ref": photo.ref, "is_allowed": True}],
    )  # fmt: skip
    answer_request(town, desk, accept(asked.ref))
    with town.read() as session:
        row = session.scalars(select(Authorisation)).one()
        assert (row.is_allowed, row.valid_from, row.signed_on) == (True, TODAY, TODAY)
        assert session.get_one(Person, row.given_by_id).ref == family.guardians[0]


def test_complementary_answers_are_of_their_questions_type(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    question = a_row(
        town, Question, ref="lunettes", label="Lunettes", about="child", answer_type="yes_no", choices=None,
        service_id=None, valid_from=START,
    )  # fmt: skip
    payload = {"person_ref": family.child, "valid_from": TODAY}
    with pytest.raises(InvalidData, match="répondez par oui ou non"):
        ask(town, anne, "complementary", family, **payload, answers=[{"question_ref": question.ref, "value": "?"}])
    asked = submit_request(
        town,
        anne,
        NewRequest(
            "complementary", family.ref, {**payload, "answers": [{"question_ref": question.ref, "value": "oui"}]}
        ),
    )
    answer_request(town, desk, accept(asked.ref))
    with town.read() as session:
        assert session.scalars(select(Answer.value)).all() == ["oui"]


def evenings(family: FamilyRefs, **changes: object) -> dict[str, object]:
    """Return the evening care of two weekdays."""
    return {
        "child_ref": family.child,
        "service_ref": EVENING,
        "structure_ref": SCHOOL,
        "valid_from": TODAY,
        "payer_refs": [family.payers[0]],
        "patterns": [{"weekday": 0}, {"weekday": 3}],
        **changes,
    }


def test_enrolment_takes_its_category_from_staff(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    add_booking_rule(town, SETUP, replace(REQUESTS, service_ref=EVENING))
    asked = ask(town, anne, "enrolments", family, **evenings(family))
    with pytest.raises(InvalidData, match="Choisissez la catégorie tarifaire"):
        answer_request(town, desk, accept(asked.ref))
    answer_request(town, desk, accept(asked.ref, completion={"category": "enfant"}))
    with town.read() as session:
        row = session.scalars(select(Enrolment).where(Enrolment.ref == asked.ref)).one()
        assert (row.category, row.valid_from) == ("enfant", TODAY)


def test_enrolment_that_could_not_be_is_refused_when_it_is_asked(
    town: Records, family: FamilyRefs, anne: Actor
) -> None:
    with pytest.raises(InvalidData, match="ne prend pas de demande en ligne"):
        ask(town, anne, "enrolments", family, **evenings(family))
    add_booking_rule(town, SETUP, replace(REQUESTS, service_ref=EVENING))
    with pytest.raises(InvalidData, match="sans calendrier de garde"):
        ask(town, anne, "enrolments", family, **evenings(family, payer_refs=list(family.payers)))
    with pytest.raises(NotFound, match="Ce payeur n'est pas"):
        ask(town, anne, "enrolments", family, **evenings(family, payer_refs=[family.payers[1]]))


def test_school_enrolment_admits_the_child_to_the_class_that_staff_choose(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    wanted = {"child_ref": family.child, "school_ref": OTHER_SCHOOL, "valid_from": TODAY, "level": "CP"}
    with pytest.raises(InvalidData, match="Une dérogation se demande avec son motif"):
        ask(town, anne, "school", family, **wanted, is_derogation=True)
    asked = ask(town, anne, "school", family, **wanted)
    with pytest.raises(InvalidData, match="class_ref"):
        answer_request(town, desk, accept(asked.ref))
    with pytest.raises(InvalidData, match="n'est pas de l'école demandée"):
        answer_request(town, desk, accept(asked.ref, completion={"class_ref": "tilleuls-cp"}))
    answer_request(town, desk, accept(asked.ref, completion={"class_ref": "bourg-cp"}))
    with town.read() as session:
        rows = session.scalars(select(ClassMembership).order_by(ClassMembership.valid_from)).all()
        assert [(each.valid_from, each.valid_to) for each in rows] == [(START, TODAY), (TODAY, END)]
        assert session.get_one(SchoolClass, rows[1].class_id).ref == "bourg-cp"
