"""Enrolments, their patterns and payers, and bookings."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotFound
from records.actors import SETUP
from records.database import Records
from records.models import Booking, Enrolment, EnrolmentPattern, EnrolmentPayer
from records.operations.attendance import expected
from records.operations.bookings import add_bookings, book, cancel, declare_absence
from records.operations.enrolments import NewEnrolmentPayer, NewPattern, enrol, enrol_all
from records.operations.families import add_custody_calendar
from tests.factories.people import (
    CYCLE_MONDAY,
    FamilyRefs,
    a_family,
    an_enrolment,
    new_booking,
    new_custody,
    new_enrolment,
)
from tests.factories.town import CENTRE, LEISURE, OTHER_SCHOOL, SCHOOL, START, TODAY, WEDNESDAY

SHARED = "Deux payeurs sans calendrier de garde"


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A family of one child with two guardians, each a payer."""
    return a_family(town, guardians=2)


def shared(family: FamilyRefs) -> tuple[NewEnrolmentPayer, ...]:
    """Both payers, by custody."""
    return tuple(NewEnrolmentPayer(payer, "custody") for payer in family.payers)


def test_enrolment_is_written_with_its_days_and_payer(town: Records, family: FamilyRefs) -> None:
    an_enrolment(town, family)
    with town.read() as session:
        patterns = session.scalars(select(EnrolmentPattern).order_by(EnrolmentPattern.weekday)).all()
        assert [(row.weekday, row.valid_from, row.valid_to) for row in patterns] == [
            (weekday, START, None) for weekday in (0, 1, 3, 4)
        ]
        assert session.scalars(select(EnrolmentPayer.rule)).all() == ["all"]


def test_patterns_may_be_shorter_than_the_enrolment(town: Records, family: FamilyRefs) -> None:
    an_enrolment(town, family, patterns=(NewPattern(1, valid_from=TODAY, valid_to=TODAY + timedelta(days=7)),))
    with town.read() as session:
        assert [each.day for each in expected(session, None, START, TODAY + timedelta(days=30))] == [TODAY]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"valid_to": START}, "doit être après son début"),
        ({"structure_ref": CENTRE}, "n'est pas proposé"),
        ({"valid_from": START - timedelta(days=1)}, "n'est pas proposé"),
        ({"patterns": (NewPattern(7),)}, "Jour de semaine inconnu"),
        ({"patterns": (NewPattern(1, formula="soir"),)}, "Formule inconnue"),
        ({"patterns": (NewPattern(1, week_cycle="A"),)}, "date du lundi"),
        ({"patterns": (NewPattern(1, week_cycle="A", cycle_anchor_on=START),)}, "doit commencer un lundi"),
        ({"patterns": (NewPattern(1), NewPattern(1, valid_from=TODAY))}, "donné deux fois"),
        ({"payers": ()}, "Indiquez un payeur"),
    ],
)
def test_enrolment_that_cannot_be_is_refused_in_words(
    town: Records, family: FamilyRefs, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        enrol(town, SETUP, replace(new_enrolment(family), **changes))  # type: ignore[arg-type]
    with town.read() as session:
        assert session.scalar(select(Enrolment)) is None


def test_two_payers_without_a_custody_calendar_are_refused(town: Records, family: FamilyRefs) -> None:
    with pytest.raises(InvalidData, match=SHARED):
        an_enrolment(town, family, payers=shared(family))


def test_custody_calendar_that_begins_after_the_enrolment_does_not_cover_it(
    town: Records, family: FamilyRefs
) -> None:
    add_custody_calendar(town, SETUP, new_custody(family, valid_from=START + timedelta(days=1)))
    with pytest.raises(InvalidData, match=SHARED):
        an_enrolment(town, family, payers=shared(family))
    assert an_enrolment(town, family, payers=shared(family), valid_from=START + timedelta(days=1))


def test_custody_calendar_of_other_payers_is_refused(town: Records, family: FamilyRefs) -> None:
    other = a_family(town, "Martin", children=("Zoé",))
    add_custody_calendar(town, SETUP, new_custody(family, payer_2_ref=other.payers[0]))
    with pytest.raises(InvalidData, match="d'autres payeurs"):
        an_enrolment(town, family, payers=shared(family))


@pytest.mark.parametrize(
    "rules", [("all", "all"), ("all", "custody"), ("custody",), ("custody", "custody", "custody")]
)
def test_payers_share_by_custody_or_one_pays_all(town: Records, family: FamilyRefs, rules: tuple[str, ...]) -> None:
    add_custody_calendar(town, SETUP, new_custody(family))
    refs = (*family.payers, family.payers[0])
    payers = tuple(NewEnrolmentPayer(ref, rule) for ref, rule in zip(refs, rules, strict=False))
    with pytest.raises(InvalidData, match="Indiquez un payeur qui paie tout, ou deux"):
        an_enrolment(town, family, payers=payers)


def test_second_enrolment_of_the_same_days_is_refused(town: Records, family: FamilyRefs) -> None:
    an_enrolment(town, family)
    for structure_ref in (SCHOOL, OTHER_SCHOOL):
        with pytest.raises(InvalidData, match="se chevauchent"):
            an_enrolment(town, family, ref="bis", structure_ref=structure_ref)


def test_two_places_share_a_child_by_weekdays_or_by_weeks(town: Records, family: FamilyRefs) -> None:
    monday, tuesday = NewPattern(0), NewPattern(1, week_cycle="A", cycle_anchor_on=CYCLE_MONDAY)
    an_enrolment(town, family, patterns=(monday, tuesday))
    other = replace(tuesday, week_cycle="B")
    an_enrolment(town, family, ref="bis", structure_ref=OTHER_SCHOOL, patterns=(other,))
    with pytest.raises(InvalidData, match="se chevauchent"):
        an_enrolment(town, family, ref="ter", structure_ref=OTHER_SCHOOL, patterns=(monday,))


def test_enrolment_may_follow_another_the_day_it_ends(town: Records, family: FamilyRefs) -> None:
    an_enrolment(town, family, valid_to=TODAY)
    an_enrolment(town, family, ref="suite", valid_from=TODAY, category="panier_repas")
    with town.read() as session:
        assert len(expected(session, None, TODAY - timedelta(days=1), TODAY)) == 2


def test_list_of_enrolments_is_written_whole_or_not_at_all(town: Records, family: FamilyRefs) -> None:
    good = new_enrolment(family)
    with pytest.raises(NotFound, match="payeur inconnue"):
        enrol_all(town, SETUP, [good, replace(good, ref="x", payers=(NewEnrolmentPayer("personne"),))])
    with town.read() as session:
        assert session.scalar(select(Enrolment)) is None


def test_formula_of_the_service_is_kept_on_the_pattern(town: Records, family: FamilyRefs) -> None:
    an_enrolment(town, family, LEISURE, structure_ref=CENTRE, patterns=(NewPattern(2, formula="journee"),))
    with town.read() as session:
        assert [each.formula for each in expected(session, None, WEDNESDAY, WEDNESDAY)] == ["journee"]


def test_words_on_a_day_are_numbered_and_the_last_one_stands(town: Records, family: FamilyRefs) -> None:
    an_enrolment(town, family)
    for say in (cancel, book, declare_absence):
        say(town, SETUP, new_booking(family))
    with town.read() as session:
        rows = session.scalars(select(Booking).order_by(Booking.seq)).all()
        assert [(row.seq, row.action) for row in rows] == [(1, "cancel"), (2, "book"), (3, "absence")]
        assert rows[0].recorded_by == "installation"
        assert expected(session, None, TODAY, TODAY) == []


def test_list_of_words_numbers_each_day_by_itself(town: Records, family: FamilyRefs) -> None:
    an_enrolment(town, family)
    monday = TODAY - timedelta(days=1)
    words = [new_booking(family, day, action=action) for day in (monday, TODAY) for action in ("cancel", "book")]
    add_bookings(town, SETUP, words)
    with town.read() as session:
        rows = session.scalars(select(Booking).order_by(Booking.id)).all()
        assert [(row.day, row.seq) for row in rows] == [(monday, 1), (monday, 2), (TODAY, 1), (TODAY, 2)]
    assert add_bookings(town, SETUP, []) == []


def test_occasional_child_is_expected_on_booked_days_alone(town: Records, family: FamilyRefs) -> None:
    an_enrolment(town, family, patterns=())
    book(town, SETUP, new_booking(family))
    with town.read() as session:
        assert [each.day for each in expected(session, None, START, TODAY + timedelta(days=30))] == [TODAY]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"day": WEDNESDAY}, "est fermé le mercredi 25 novembre 2026"),
        ({"day": date(2026, 11, 11)}, "est fermé"),
        ({"structure_ref": OTHER_SCHOOL}, "Aucune inscription"),
        ({"channel": "pigeon"}, "Rien n'a été enregistré"),
        ({"action": "peut-être"}, "Rien n'a été enregistré"),
    ],
)
def test_booking_that_cannot_be_is_refused_in_words(
    town: Records, family: FamilyRefs, changes: dict[str, object], said: str
) -> None:
    an_enrolment(town, family)
    with pytest.raises(InvalidData, match=said):
        add_bookings(town, SETUP, [new_booking(family, **changes)])  # type: ignore[arg-type]


def test_absence_may_be_declared_on_a_day_that_was_closed_since(town: Records, family: FamilyRefs) -> None:
    an_enrolment(town, family, patterns=(NewPattern(2),))
    assert declare_absence(town, SETUP, new_booking(family, WEDNESDAY))


def test_booking_outside_the_enrolment_is_refused(town: Records, family: FamilyRefs) -> None:
    enrol(town, SETUP, new_enrolment(family, valid_to=TODAY))
    with pytest.raises(InvalidData, match="Aucune inscription à «\u00a0Cantine"):
        book(town, SETUP, new_booking(family))
