"""What families ask: only for their own file, waiting until staff look, written once by staff's own operations."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from domain.errors import Conflict, InvalidData, NotAllowed, NotFound
from domain.time import MICROS_PER_MINUTE
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AuditEntry, Booking, HealthAccess, HealthNote, Mandate, Person, Request, RequestDecision
from records.operations.enrolments import enrol
from records.operations.family_edits import NewPhone, edit_person, set_phones
from records.operations.offers import NewBookingRule, add_booking_rule
from records.operations.request_desk import (
    RequestAnswer,
    answer_request,
    answer_requests,
    decided_requests,
    pending_counts,
    pending_requests,
    read_request,
)
from records.operations.requests import NewRequest, Receipt, my_requests, submit_request, withdraw_request
from tests.factories.people import FamilyRefs, a_family, an_account, logged_in, new_enrolment
from tests.factories.town import CANTEEN, OTHER_SCHOOL, SCHOOL, START, TODAY, HandClock, place_ids

DAY = TODAY + timedelta(days=9)  # a Thursday
IBAN = "FR76 3000 6000 0112 3456 7890 189"
REQUESTS = NewBookingRule(
    CANTEEN, START, "Délibération", "requests", deadline_rule="days_before", deadline_days=2, deadline_minute=720,
    after_deadline="refused",
)  # fmt: skip


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A child who eats on booked days alone; two guardians, the first with an account."""
    made = a_family(town, guardians=2)
    enrol(town, SETUP, new_enrolment(made, patterns=()))
    an_account(town, "anne", "family", person_ref=made.guardians[0])
    return made


@pytest.fixture
def anne(town: Records, family: FamilyRefs) -> Actor:
    """The first guardian, logged in."""
    return logged_in(town, "anne")


@pytest.fixture
def desk(town: Records) -> Actor:
    """A functional administrator, logged in: they read health and bank details."""
    an_account(town, "claire", "admin_school")
    return logged_in(town, "claire")


def ask(records: Records, actor: Actor, kind: str, family: FamilyRefs, **payload: object) -> Receipt:
    """Ask something on the portal, against the row as it is now."""
    version = version_of(records, str(payload.get("person_ref", "")))
    if kind == "bank":
        version = 1
    return submit_request(records, actor, NewRequest(kind, family.ref, payload, version))


def ask_mail(records: Records, actor: Actor, family: FamilyRefs, email: str = "anne@exemple.fr") -> Receipt:
    """Ask for another mail address of the first guardian."""
    return ask(records, actor, "representative", family, person_ref=family.guardians[0], email=email)


def ask_day(records: Records, actor: Actor, family: FamilyRefs, action: str = "book") -> Receipt:
    """Ask for the canteen of DAY."""
    return ask(records, actor, "bookings", family, **place(family), days=[{"day": DAY, "action": action}])


def place(family: FamilyRefs) -> dict[str, object]:
    """Return the first child at the canteen of the school."""
    return {"child_ref": family.child, "service_ref": CANTEEN, "structure_ref": SCHOOL}


def version_of(records: Records, person_ref: str) -> int | None:
    """Return the version of somebody's row, as the portal's page holds it."""
    with records.read() as session:
        return session.scalar(select(Person.row_version).where(Person.ref == person_ref))


def email_of(records: Records, person_ref: str) -> str | None:
    """Return the mail address that the record holds."""
    with records.read() as session:
        return session.scalar(select(Person.email).where(Person.ref == person_ref))


def accept(ref: str, **answer: object) -> RequestAnswer:
    """Return an acceptance."""
    return RequestAnswer(ref, "accept", **answer)  # type: ignore[arg-type]


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


def note(label: str = "Arachide") -> Mapping[str, object]:
    """Return a health note to add."""
    return {"kind": "allergy", "label": label, "valid_from": TODAY, "detail": "Trousse au bureau"}


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
