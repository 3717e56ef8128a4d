"""Bookings: deadlines on the date of receipt, places by quarter hour and age, waiting lists in order."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AuditEntry, Booking, Structure
from records.operations.attendance import expected
from records.operations.bookings import (
    BookingAnswer,
    NewBooking,
    add_bookings,
    book,
    cancel,
    declare_absence,
    serve_waiting,
)
from records.operations.enrolments import NewPattern, enrol
from records.operations.events import NewEvent, add_event, cancel_event
from records.operations.offers import NewBookingRule, NewCapacity, add_booking_rule, add_capacity
from records.operations.openings import NewOpening, add_opening
from tests.factories.databases import Database
from tests.factories.people import FamilyRefs, a_family, new_booking, new_enrolment
from tests.factories.town import CANTEEN, SCHOOL, START, TODAY, HandClock

NEXT_TUESDAY = date(2026, 12, 1)
THURSDAY = date(2026, 11, 26)
BY_THURSDAY = NewBookingRule(
    CANTEEN, START, "Délibération", "requests", deadline_rule="weekday_before", deadline_weekday=3,
    deadline_weeks=1, deadline_minute=720, has_waiting_list=True,
)  # fmt: skip
NAMES = ("Martin", "Bernard", "Petit", "Durand")


def occasional(town: Records, name: str) -> FamilyRefs:
    """A child enrolled in the canteen without a weekly day: expected on booked days alone."""
    family = a_family(town, name)
    enrol(town, SETUP, new_enrolment(family, patterns=()))
    return family


@pytest.fixture
def families(town: Records, town_database: Database) -> list[FamilyRefs]:
    """Four children who book day by day."""
    return town_database.filled_once(town, all_occasional)


def all_occasional(town: Records) -> list[FamilyRefs]:
    return [occasional(town, name) for name in NAMES]


def asks(family: FamilyRefs, **changes: object) -> NewBooking:
    """Ask for next Tuesday, received today."""
    return replace(new_booking(family, NEXT_TUESDAY), **changes)  # type: ignore[arg-type]


def expected_on(town: Records, day: date = NEXT_TUESDAY) -> set[str]:
    with town.read() as session:
        return {each.child_ref for each in expected(session, None, day, day)}


def late(**changes: object) -> dict[str, object]:
    return {"received_on": THURSDAY, "received_minute": 721, "channel": "portal", **changes}


def test_late_booking_says_until_when_it_was_possible(town: Records, families: list[FamilyRefs]) -> None:
    add_booking_rule(town, SETUP, BY_THURSDAY)
    with pytest.raises(InvalidData, match="est passé depuis jeudi 26 novembre, 12\u00a0h") as refusal:
        book(town, SETUP, asks(families[0], **late()))
    assert "Choisissez un autre jour" in str(refusal.value)
    assert expected_on(town) == set()
    assert book(town, SETUP, asks(families[0], **late(received_minute=720))).action == "book"


def test_letter_received_on_the_day_of_the_deadline_is_in_time_even_typed_later(
    town: Records, families: list[FamilyRefs], clock: HandClock
) -> None:
    add_booking_rule(town, SETUP, BY_THURSDAY)
    clock.set(600, THURSDAY + timedelta(days=1))
    assert book(town, SETUP, asks(families[0], channel="post", received_on=THURSDAY)).action == "book"
    with pytest.raises(InvalidData, match="le délai pour réserver"):
        book(town, SETUP, asks(families[1], channel="post", received_on=THURSDAY + timedelta(days=1)))


def test_late_cancellation_leaves_the_day_booked_and_offers_an_absence(
    town: Records, families: list[FamilyRefs]
) -> None:
    add_booking_rule(town, SETUP, BY_THURSDAY)
    book(town, SETUP, asks(families[0]))
    with pytest.raises(InvalidData, match="reste réservé et facturé"):
        cancel(town, SETUP, asks(families[0], **late()))
    assert expected_on(town) == set(families[0].children)
    assert declare_absence(town, SETUP, asks(families[0], **late())).action == "absence"


def test_where_late_is_billed_a_late_cancellation_becomes_an_absence(
    town: Records, families: list[FamilyRefs]
) -> None:
    add_booking_rule(town, SETUP, replace(BY_THURSDAY, after_deadline="billed"))
    book(town, SETUP, asks(families[0], **late()))
    answer = cancel(town, SETUP, asks(families[0], **late()))
    assert answer.action == "absence"
    assert answer.message.startswith("Le délai d'annulation est passé. Absence déclarée pour Léa.")


def test_bookings_open_and_close_on_their_dates(town: Records, families: list[FamilyRefs]) -> None:
    rule = replace(BY_THURSDAY, opens_on=TODAY, closes_on=THURSDAY)
    add_booking_rule(town, SETUP, rule)
    with pytest.raises(InvalidData, match="ouvrent le mardi 24 novembre 2026"):
        book(town, SETUP, asks(families[0], received_on=TODAY - timedelta(days=1)))
    with pytest.raises(InvalidData, match="jusqu'au mercredi 25 novembre 2026"):
        book(town, SETUP, asks(families[0], received_on=THURSDAY))
    assert book(town, SETUP, asks(families[0])).message.startswith("Réservation enregistrée")


def test_places_own_rule_holds_before_the_general_one(town: Records, families: list[FamilyRefs]) -> None:
    add_booking_rule(town, SETUP, BY_THURSDAY)
    own = NewBookingRule(CANTEEN, START, "Délibération", "automatic", structure_ref=SCHOOL)
    add_booking_rule(town, SETUP, own)
    assert book(town, SETUP, asks(families[0], **late())).action == "book"


def test_letting_a_late_one_pass_takes_a_reason_and_the_right_to_decide(
    town: Records, families: list[FamilyRefs]
) -> None:
    add_booking_rule(town, SETUP, BY_THURSDAY)
    urgent = asks(families[0], **late(despite="Hospitalisation de la mère"))
    with pytest.raises(NotAllowed):
        book(town, Actor("saisie", (Grant("clerk"),)), urgent)
    book(town, Actor("Claire", (Grant("coordinator"),)), urgent)
    with town.read() as session:
        assert session.scalars(select(Booking.reason)).all() == ["Hospitalisation de la mère"]


@pytest.mark.parametrize("action", ["accept", "refuse"])
def test_a_decision_on_a_request_takes_the_right_to_decide_whatever_the_hour(
    town: Records, families: list[FamilyRefs], action: str
) -> None:
    add_booking_rule(town, SETUP, BY_THURSDAY)
    with pytest.raises(NotAllowed):
        add_bookings(town, Actor("saisie", (Grant("clerk"),)), [asks(families[0], **late(action=action))])


def test_import_takes_its_own_right_and_is_judged_by_nobody(town: Records, families: list[FamilyRefs]) -> None:
    add_booking_rule(town, SETUP, BY_THURSDAY)
    imported = asks(families[0], **late(channel="import"))
    with pytest.raises(NotAllowed):
        book(town, Actor("saisie", (Grant("admin_school"),)), imported)
    assert book(town, SETUP, imported).action == "book"


def two_places(town: Records, **changes: object) -> None:
    add_capacity(town, SETUP, replace(NewCapacity(SCHOOL, START, 2, "SDJES"), **changes))  # type: ignore[arg-type]


def test_without_a_waiting_list_a_full_day_is_refused_in_words(town: Records, families: list[FamilyRefs]) -> None:
    two_places(town)
    for family in families[:2]:
        book(town, SETUP, asks(family))
    with pytest.raises(InvalidData, match="Il n'y a plus de place le mardi 1er décembre"):
        book(town, SETUP, asks(families[2]))
    assert len(expected_on(town)) == 2
    assert book(town, SETUP, asks(families[0])).action == "book"  # who is in may say it again


def wait_all(town: Records, families: list[FamilyRefs]) -> list[BookingAnswer]:
    add_booking_rule(town, SETUP, BY_THURSDAY)
    two_places(town)
    return [book(town, SETUP, asks(family)) for family in families]


def test_those_who_wait_are_told_their_rank(town: Records, families: list[FamilyRefs]) -> None:
    answers = wait_all(town, families)
    assert [(each.action, each.rank) for each in answers] == [
        ("book", None), ("book", None), ("wait", 1), ("wait", 2),
    ]  # fmt: skip
    assert answers[2].message == (
        "Il n'y a plus de place ce jour-là. "
        "Léa est en tête de la liste d'attente\u00a0: Cantine, mardi 1er décembre."
    )
    assert "Léa est 2e sur la liste d'attente" in answers[3].message
    asked_to_wait = add_bookings(town, SETUP, [asks(families[3], action="wait")])[0]
    assert asked_to_wait.message.startswith("Léa est 2e sur la liste d'attente")
    assert book(town, SETUP, asks(families[2])).rank == 1  # asking again keeps the rank


def test_freed_place_goes_to_the_first_who_waits(town: Records, families: list[FamilyRefs]) -> None:
    wait_all(town, families)
    cancel(town, SETUP, asks(families[0]))
    assert expected_on(town) == {families[1].child, families[2].child}
    cancel(town, SETUP, asks(families[1]))
    assert expected_on(town) == {families[2].child, families[3].child}
    with town.read() as session:
        served = session.scalars(select(Booking).where(Booking.action == "accept").order_by(Booking.id)).all()
        assert [(row.reason, row.channel) for row in served] == [("Place libérée", "counter")] * 2
        audited = session.scalars(select(AuditEntry).where(AuditEntry.entity_id == str(served[0].id))).all()
        assert any(row.old and "wait" in row.old for row in audited)


def test_who_left_the_waiting_list_has_lost_their_rank(town: Records, families: list[FamilyRefs]) -> None:
    wait_all(town, families)
    assert cancel(town, SETUP, asks(families[2], **late())).action == "cancel"
    assert book(town, SETUP, asks(families[2])).rank == 2
    cancel(town, SETUP, asks(families[0]))
    assert families[3].child in expected_on(town)


def test_absence_keeps_the_place(town: Records, families: list[FamilyRefs]) -> None:
    wait_all(town, families)
    declare_absence(town, SETUP, asks(families[0]))
    assert expected_on(town) == {families[1].child}


def test_raised_capacity_is_given_to_those_who_wait_before_anybody_else(
    town: Records, families: list[FamilyRefs]
) -> None:
    wait_all(town, families[:3])
    two_places(town, valid_from=TODAY, places=3)
    assert book(town, SETUP, asks(families[3])).rank == 1
    assert expected_on(town) == {family.child for family in families[:3]}
    two_places(town, valid_from=TODAY + timedelta(days=1), places=4)
    assert len(serve_waiting(town, SETUP, SCHOOL, NEXT_TUESDAY)) == 1
    assert serve_waiting(town, SETUP, SCHOOL, NEXT_TUESDAY) == []
    assert expected_on(town) == {family.child for family in families}


def test_list_is_judged_in_order_and_written_whole_or_not_at_all(town: Records, families: list[FamilyRefs]) -> None:
    two_places(town)
    with pytest.raises(InvalidData, match="plus de place"):
        add_bookings(town, SETUP, [asks(family) for family in families[:3]])
    assert expected_on(town) == set()
    swap = [asks(families[0]), asks(families[1]), asks(families[0], action="cancel"), asks(families[2])]
    add_bookings(town, SETUP, swap)
    assert expected_on(town) == {families[1].child, families[2].child}


def test_care_booked_from_to_shares_a_place_by_the_quarter_hour(town: Records, families: list[FamilyRefs]) -> None:
    add_booking_rule(town, SETUP, replace(BY_THURSDAY, is_from_to=True, has_waiting_list=False))
    two_places(town, places=1)
    with pytest.raises(InvalidData, match="l'heure d'arrivée et l'heure de départ"):
        book(town, SETUP, asks(families[0]))
    book(town, SETUP, asks(families[0], start_minute=480, end_minute=600))
    book(town, SETUP, asks(families[1], start_minute=600, end_minute=720))
    with pytest.raises(InvalidData, match="plus de place"):
        book(town, SETUP, asks(families[2], start_minute=585, end_minute=600))


def test_hours_out_of_the_opening_of_the_place_are_refused_in_the_words_of_its_hours(
    town: Records, families: list[FamilyRefs]
) -> None:
    add_booking_rule(town, SETUP, replace(BY_THURSDAY, is_from_to=True, has_waiting_list=False))
    add_opening(town, SETUP, NewOpening(SCHOOL, "school", 1, START, 450, 1110))
    with pytest.raises(InvalidData, match=r"ouvre de 7.h.30 à 18.h.30"):
        book(town, SETUP, asks(families[0], start_minute=435, end_minute=600))
    book(town, SETUP, asks(families[0], start_minute=450, end_minute=1110))
    add_opening(town, SETUP, NewOpening(SCHOOL, "school", 1, NEXT_TUESDAY, 540, 1110, 720, 810))
    with pytest.raises(InvalidData, match=r"ferme de 12.h à 13.h.30"):
        book(town, SETUP, asks(families[1], start_minute=720, end_minute=780))
    with pytest.raises(InvalidData, match="ouvre de 9"):
        book(town, SETUP, asks(families[1], start_minute=450, end_minute=600))
    add_opening(town, SETUP, NewOpening(SCHOOL, "school", 1, NEXT_TUESDAY))
    with pytest.raises(InvalidData, match="Ce lieu est fermé"):
        book(town, SETUP, asks(families[1], start_minute=600, end_minute=660))


@pytest.mark.parametrize("changes", [{"despite": "Urgence"}, {"action": "accept"}, {"channel": "import"}])
def test_nobody_lets_care_booked_from_to_pass_without_its_hours(
    town: Records, families: list[FamilyRefs], changes: dict[str, object]
) -> None:
    add_booking_rule(town, SETUP, replace(BY_THURSDAY, is_from_to=True))
    with pytest.raises(InvalidData, match="l'heure d'arrivée et l'heure de départ"):
        add_bookings(town, SETUP, [asks(families[0], **late(**changes))])


def test_formula_that_the_service_does_not_have_is_refused(town: Records, families: list[FamilyRefs]) -> None:
    with pytest.raises(InvalidData, match="n'a pas de formule «\u00a0journee\u00a0»"):
        book(town, SETUP, asks(families[0], formula="journee"))


def test_deadline_in_open_days_finds_those_before_a_long_closure(town: Records, families: list[FamilyRefs]) -> None:
    rule = NewBookingRule(
        CANTEEN, START, "Délibération", deadline_rule="days_before", deadline_days=2, deadline_minute=720,
        counts_open_days=True,
    )  # fmt: skip
    add_booking_rule(town, SETUP, rule)
    add_event(town, SETUP, NewEvent("travaux", "closure", "Travaux", date(2026, 9, 9), date(2026, 11, 30), SCHOOL))
    with pytest.raises(InvalidData, match="est passé depuis mardi 8 septembre"):
        book(town, SETUP, asks(families[0]))


def test_who_waits_for_a_day_has_it_before_a_weekly_enrolment(town: Records, families: list[FamilyRefs]) -> None:
    wait_all(town, families[:3])
    two_places(town, valid_from=TODAY, places=3)
    fourth = a_family(town, "Lopez")
    with pytest.raises(InvalidData, match="plus de place le mardi 1er décembre 2026"):
        enrol(town, SETUP, new_enrolment(fourth))
    two_places(town, valid_from=TODAY + timedelta(days=1), places=4)
    enrol(town, SETUP, new_enrolment(fourth))
    assert expected_on(town) == {families[0].child, families[1].child, families[2].child, fourth.child}


def test_past_day_that_was_full_does_not_keep_a_weekly_enrolment_out(town: Records) -> None:
    two_places(town, places=0)
    two_places(town, valid_from=TODAY, places=1)
    martin = a_family(town, "Martin")
    enrol(town, SETUP, new_enrolment(martin))
    assert expected_on(town) == {martin.child}


def test_place_of_a_class_that_is_away_is_nobody_elses(town: Records, families: list[FamilyRefs]) -> None:
    two_places(town, places=1)
    martin, petit = a_family(town, "Roux"), families[1]
    enrol(town, SETUP, new_enrolment(martin))
    outing = NewEvent("sortie", "outing", "Musée", NEXT_TUESDAY, NEXT_TUESDAY + timedelta(days=1), SCHOOL)
    add_event(town, SETUP, replace(outing, class_ref="tilleuls-cp"))
    assert expected_on(town) == set()
    with pytest.raises(InvalidData, match="plus de place"):
        book(town, SETUP, asks(petit))
    cancel_event(town, SETUP, "sortie")
    assert expected_on(town) == {martin.child}


def test_weekly_enrolment_that_would_oversell_a_day_is_refused(town: Records) -> None:
    two_places(town, places=1, weekday=1)
    enrol(town, SETUP, new_enrolment(a_family(town, "Martin")))
    second = a_family(town, "Petit")
    with pytest.raises(InvalidData, match="plus de place le mardi 24 novembre 2026"):
        enrol(town, SETUP, new_enrolment(second))
    enrol(town, SETUP, new_enrolment(second, patterns=(NewPattern(0), NewPattern(3))))
    with town.read() as session:
        tuesday = expected(session, None, NEXT_TUESDAY, NEXT_TUESDAY)
        assert len(tuesday) == 1
        assert session.scalar(select(Structure.id).where(Structure.ref == SCHOOL)) == tuesday[0].structure_id
