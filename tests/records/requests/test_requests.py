"""What families ask: only for their own file, waiting until staff look, written once by staff's own operations."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from domain.errors import Conflict, InvalidData, NotFound
from domain.time import MICROS_PER_MINUTE
from records.actors import SETUP, Actor
from records.database import Records
from records.models import AuditEntry, Booking, Request, RequestDecision
from records.operations.family_edits import NewPhone, edit_person, set_phones
from records.operations.offers import add_booking_rule
from records.operations.request_desk import (
    RequestAnswer,
    answer_request,
    answer_requests,
    decided_requests,
    pending_counts,
    pending_requests,
    read_request,
)
from records.operations.requests import NewRequest, my_request, my_requests, submit_request, withdraw_request
from tests.factories.asking import REQUESTS, accept, ask, ask_day, ask_mail, email_of, note
from tests.factories.people import FamilyRefs, a_family, an_account, logged_in
from tests.factories.town import TODAY, HandClock


def test_request_waits_and_touches_nothing_until_it_is_accepted(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    asked = ask_mail(town, anne, family)
    assert asked.state == "pending"
    assert email_of(town, family.guardians[0]) is None
    assert answer_request(town, desk, accept(asked.ref)).state == "accepted"
    assert email_of(town, family.guardians[0]) == "anne@exemple.fr"


def test_acceptance_is_staffs_own_operation_in_the_transaction_of_the_decision(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    answer_request(town, desk, accept(ask_mail(town, anne, family).ref))
    with town.read() as session:
        decision = session.scalars(select(RequestDecision)).one()
        audited = session.execute(
            select(AuditEntry.operation, AuditEntry.entity, AuditEntry.actor)
            .where(AuditEntry.change_seq == decision.change_seq)
            .order_by(AuditEntry.seq)
        ).all()
    assert [(each.operation, each.entity) for each in audited] == [
        ("edit_person", "person"),
        ("answer_request", "request_decision"),
    ]
    assert {each.actor for each in audited} == {desk.signature}


def test_staff_read_old_and_new_value_side_by_side(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    edit_person(town, SETUP, family.guardians[0], {"email": "ancien@exemple.fr"}, 1)
    view = read_request(town, desk, ask_mail(town, anne, family).ref)
    assert [(each.label, each.seen, each.now, each.new) for each in view.changes] == [
        ("E-mail", "ancien@exemple.fr", "ancien@exemple.fr", "anne@exemple.fr")
    ]
    assert not view.is_conflict
    assert view.line.person_name == "FOURNIER Adulte 1"


def test_request_made_against_an_older_row_is_a_conflict_and_is_never_applied_silently(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    asked = ask_mail(town, anne, family)
    edit_person(town, SETUP, family.guardians[0], {"email": "guichet@exemple.fr"}, 1)
    view = read_request(town, desk, asked.ref)
    assert view.is_conflict
    assert [(each.seen, each.now, each.new) for each in view.changes] == [
        (None, "guichet@exemple.fr", "anne@exemple.fr")
    ]
    with pytest.raises(Conflict, match="La fiche a changé depuis la demande"):
        answer_request(town, desk, accept(asked.ref))
    with pytest.raises(InvalidData, match="Dites pourquoi"):
        answer_request(town, desk, accept(asked.ref, over=view.mark))
    assert email_of(town, family.guardians[0]) == "guichet@exemple.fr"
    answer_request(town, desk, accept(asked.ref, over=view.mark, reason="Vu au téléphone"))
    assert email_of(town, family.guardians[0]) == "anne@exemple.fr"


def test_conflict_that_was_seen_does_not_cover_a_later_change(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    asked = ask_mail(town, anne, family)
    edit_person(town, SETUP, family.guardians[0], {"email": "un@exemple.fr"}, 1)
    seen = read_request(town, desk, asked.ref).mark
    edit_person(town, SETUP, family.guardians[0], {"email": "deux@exemple.fr"}, 2)
    with pytest.raises(Conflict):
        answer_request(town, desk, accept(asked.ref, over=seen, reason="Vu"))


def test_values_outside_the_row_conflict_too(town: Records, family: FamilyRefs, anne: Actor, desk: Actor) -> None:
    asked = ask(
        town, anne, "representative", family, person_ref=family.guardians[0], phones=[{"number": "0601020304"}]
    )
    set_phones(town, SETUP, family.guardians[0], [NewPhone("0699999999")])
    with pytest.raises(Conflict):
        answer_request(town, desk, accept(asked.ref))


def test_page_opened_before_the_record_changed_is_refused_when_it_is_sent(
    town: Records, family: FamilyRefs, anne: Actor
) -> None:
    edit_person(town, SETUP, family.guardians[0], {"email": "guichet@exemple.fr"}, 1)
    payload = {"person_ref": family.guardians[0], "email": "anne@exemple.fr"}
    for version in (1, None):
        with pytest.raises(Conflict, match="ont changé depuis que vous les avez ouvertes"):
            submit_request(town, anne, NewRequest("representative", family.ref, payload, version))


def test_family_asks_for_its_own_file_and_its_own_people_alone(
    town: Records, family: FamilyRefs, anne: Actor
) -> None:
    other = a_family(town, "Petit", children=("Tom",))
    with pytest.raises(NotFound, match="Ce dossier n'est pas le vôtre"):
        ask_mail(town, anne, other)
    with pytest.raises(NotFound, match="Ce dossier n'est pas le vôtre"):
        ask_mail(town, anne, FamilyRefs("inconnu", family.guardians, (), ()))
    with pytest.raises(NotFound, match="ne peut concerner que vous"):
        ask(town, anne, "representative", family, person_ref=family.guardians[1], email="x@y.fr")
    with pytest.raises(NotFound, match="n'est pas dans ce dossier"):
        ask(town, anne, "spouse", family, person_ref=other.guardians[0], email="x@y.fr")
    with pytest.raises(NotFound, match="n'est pas dans ce dossier"):
        ask(town, anne, "health", family, child_ref=other.child, added=[note()])
    with town.read() as session:
        assert session.scalar(select(func.count()).select_from(Request)) == 0


def test_only_who_asked_withdraws_and_only_while_it_waits(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    an_account(town, "paul", "family", person_ref=family.guardians[1])
    asked = ask_mail(town, anne, family)
    with pytest.raises(NotFound, match="Cette demande n'est pas la vôtre"):
        withdraw_request(town, logged_in(town, "paul"), asked.ref)
    withdraw_request(town, anne, asked.ref)
    with pytest.raises(Conflict, match="a été retirée par Anne"):
        withdraw_request(town, anne, asked.ref)
    with pytest.raises(Conflict, match="a été retirée par Anne"):
        answer_request(town, desk, accept(asked.ref))
    assert email_of(town, family.guardians[0]) is None


def test_refusal_says_why_and_is_the_last_word(town: Records, family: FamilyRefs, anne: Actor, desk: Actor) -> None:
    asked = ask_mail(town, anne, family)
    with pytest.raises(InvalidData, match="pourquoi sa demande est refusée"):
        answer_request(town, desk, RequestAnswer(asked.ref, "refuse", " "))
    answer_request(town, desk, RequestAnswer(asked.ref, "refuse", "Adresse illisible"))
    with pytest.raises(Conflict, match="a déjà été refusée par Claire"):
        answer_request(town, desk, accept(asked.ref))
    line = my_requests(town, anne, family.ref)[0]
    assert (line.state, line.reason) == ("refused", "Adresse illisible")


def test_pending_requests_are_counted_by_kind_and_listed_oldest_first(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor, clock: HandClock
) -> None:
    first = ask_mail(town, anne, family, "un@exemple.fr")
    clock.set(500)
    second = ask_mail(town, anne, family, "deux@exemple.fr")
    ask(town, anne, "health", family, child_ref=family.child, added=[note()])
    counts = {each.kind: (each.count, each.oldest_on) for each in pending_counts(town, desk)}
    assert counts["representative"] == (2, TODAY)
    assert counts["health"] == (1, TODAY)
    assert counts["bank"] == (0, None)
    page = pending_requests(town, desk, "representative")
    assert [each.ref for each in page.lines] == [first.ref, second.ref]
    assert page.total == 2


def test_decided_requests_are_listed_for_a_month(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor, clock: HandClock
) -> None:
    asked = ask_mail(town, anne, family)
    answer_request(town, desk, accept(asked.ref))
    assert [each.ref for each in decided_requests(town, desk).lines] == [asked.ref]
    assert [each.ref for each in my_requests(town, anne, family.ref)] == [asked.ref]
    clock.set(0, TODAY + timedelta(days=32))
    assert decided_requests(town, desk).total == 0
    assert my_requests(town, anne, family.ref) == []


def test_bulk_answers_each_request_on_its_own(town: Records, family: FamilyRefs, anne: Actor, desk: Actor) -> None:
    add_booking_rule(town, SETUP, REQUESTS)
    mail, day = ask_mail(town, anne, family), ask_day(town, anne, family)
    edit_person(town, SETUP, family.guardians[0], {"email": "guichet@exemple.fr"}, 1)
    answers = answer_requests(town, desk, [accept(mail.ref), accept(day.ref), accept("inconnue")])
    assert [each.state for each in answers] == ["pending", "accepted", "unknown"]
    assert answers[0].error is not None
    assert answers[0].error.startswith("La fiche a changé")
    assert answers[1].error is None


def test_rehearsal_leaves_nothing_behind(town: Records, family: FamilyRefs, anne: Actor) -> None:
    add_booking_rule(town, SETUP, REQUESTS)
    asked = ask_day(town, anne, family)
    with town.read() as session:
        assert session.scalar(select(func.count()).select_from(Booking)) == 0
        operations = session.scalars(
            select(AuditEntry.operation).where(AuditEntry.entity_id == asked.ref, AuditEntry.entity == "request")
        ).all()
        assert operations == ["submit_request"]
        assert session.scalar(select(func.count()).where(AuditEntry.operation == "book")) == 0


def test_payload_with_an_unknown_or_missing_field_names_it(town: Records, family: FamilyRefs, anne: Actor) -> None:
    with pytest.raises(InvalidData, match="child_ref") as refusal:
        ask(town, anne, "health", family, secret="x")
    assert refusal.value.fields["fields"] == ["child_ref", "secret"]
    with pytest.raises(InvalidData, match="Type de demande inconnu"):
        ask(town, anne, "magie", family)


def test_request_that_changes_nothing_is_refused(town: Records, family: FamilyRefs, anne: Actor) -> None:
    with pytest.raises(InvalidData, match="ne change rien"):
        ask(town, anne, "representative", family, person_ref=family.guardians[0], occupation=None)


def test_guardian_whose_role_has_ended_asks_nothing_more(
    town: Records, family: FamilyRefs, anne: Actor, clock: HandClock
) -> None:
    with town.write(SETUP, "test") as write:
        write.session.execute(
            text("update family_member set valid_to = :day where role = 'guardian'"), {"day": TODAY}
        )
    clock.now += MICROS_PER_MINUTE
    with pytest.raises(NotFound, match="Ce dossier n'est pas le vôtre"):
        ask_mail(town, anne, family)


def test_family_reads_again_what_it_asked_and_never_what_the_record_holds(
    town: Records, family: FamilyRefs, anne: Actor
) -> None:
    edit_person(town, SETUP, family.guardians[1], {"email": "secret@exemple.fr"}, 1)
    asked = ask(town, anne, "spouse", family, person_ref=family.guardians[1], email="nouveau@exemple.fr")
    view = my_request(town, anne, asked.ref)
    assert view.wanted == (("E-mail", "nouveau@exemple.fr"),)
    assert "secret" not in str(view.wanted)
    an_account(town, "paul", "family", person_ref=family.guardians[1])
    with pytest.raises(NotFound, match="n'est pas la vôtre"):
        my_request(town, logged_in(town, "paul"), asked.ref)


def test_both_guardians_read_what_is_asked_for_their_child(town: Records, family: FamilyRefs, anne: Actor) -> None:
    asked = ask(town, anne, "health", family, child_ref=family.child, added=[note()])
    an_account(town, "paul", "family", person_ref=family.guardians[1])
    paul = logged_in(town, "paul")
    assert [(each.ref, each.is_mine) for each in my_requests(town, paul, family.ref)] == [(asked.ref, False)]
    assert my_request(town, paul, asked.ref).wanted == (
        ("À ajouter : Allergie", "Allergie, Arachide, Trousse au bureau"),
    )
