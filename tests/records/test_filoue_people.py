"""Who may be in the Filoué file of a place: children of the year, with their family's answer, fund and address."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from domain.errors import NotAllowed, ParameterMissing
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AuditEntry
from records.operations.caf_settings import NewCafSetting, set_caf
from records.operations.filoue_consents import record_filoue_consent
from records.operations.filoue_people import filoue_people
from records.operations.services import NewService, add_service, offer_service
from tests.factories.people import a_family, an_enrolment
from tests.factories.town import CANTEEN, OTHER_SCHOOL, SCHOOL, START, TODAY, HandClock, place_ids


@pytest.fixture
def daycare(town: Records) -> Records:
    """Early childhood offered at the school, whose convention is known."""
    add_service(town, SETUP, NewService("creche", "Crèche", "daycare", "eaje"))
    offer_service(town, SETUP, "creche", [SCHOOL], START)
    convention = NewCafSetting(SCHOOL, START, "Convention", authorised_places=20)
    set_caf(town, SETUP, replace(convention, caf_office_code="791", caf_file_number="201900123"))
    return town


def test_children_of_early_childhood_are_told_with_their_days_and_answer(daycare: Records) -> None:
    agreed, silent, canteen = (a_family(daycare, name) for name in ("Fournier", "Belkacem", "Martin"))
    an_enrolment(daycare, agreed, "creche", valid_to=date(2026, 12, 1))
    an_enrolment(daycare, silent, "creche")
    an_enrolment(daycare, canteen, CANTEEN)
    record_filoue_consent(daycare, SETUP, agreed.ref, TODAY, True)
    place = filoue_people(daycare, SETUP, SCHOOL, 2026)
    assert (place.caf_office_code, place.caf_file_number) == ("791", "201900123")
    told = {each.child_ref: each for each in place.people}
    assert told.keys() == {agreed.child, silent.child}
    lea = told[agreed.child]
    assert (lea.family_ref, lea.agrees, lea.commune) == (agreed.ref, True, "Ville d'essai")
    assert (lea.first_day, lea.last_day) == (START, date(2026, 11, 30))
    assert not told[silent.child].agrees
    assert told[silent.child].last_day == date(2026, 12, 31)
    with daycare.read() as session:
        assert session.scalars(select(AuditEntry.actor).where(AuditEntry.operation == "filoue_people")).all()


def test_answer_that_stands_is_that_of_the_day_of_the_file_not_of_its_year(
    daycare: Records, clock: HandClock
) -> None:
    withdrawn, late = a_family(daycare, "Fournier"), a_family(daycare, "Belkacem")
    for family in (withdrawn, late):
        an_enrolment(daycare, family, "creche", valid_to=date(2026, 12, 1))
    record_filoue_consent(daycare, SETUP, withdrawn.ref, TODAY, True)
    clock.set(8 * 60, date(2027, 3, 1))
    record_filoue_consent(daycare, SETUP, withdrawn.ref, date(2027, 2, 1), False)
    record_filoue_consent(daycare, SETUP, late.ref, date(2027, 2, 1), True)
    told = {each.child_ref: each.agrees for each in filoue_people(daycare, SETUP, SCHOOL, 2026).people}
    assert told == {withdrawn.child: False, late.child: True}


def test_child_of_two_places_over_two_years_is_told_at_each_with_days_of_the_year_alone(daycare: Records) -> None:
    offer_service(daycare, SETUP, "creche", [OTHER_SCHOOL], START)
    set_caf(daycare, SETUP, NewCafSetting(OTHER_SCHOOL, START, "Convention", authorised_places=10))
    family = a_family(daycare)
    an_enrolment(daycare, family, "creche", valid_to=date(2027, 4, 1))
    other = {"ref": "ailleurs", "structure_ref": OTHER_SCHOOL, "valid_from": date(2027, 4, 1)}
    an_enrolment(daycare, family, "creche", **other)
    days = {
        (place, year): [
            (each.first_day, each.last_day) for each in filoue_people(daycare, SETUP, place, year).people
        ]
        for place in (SCHOOL, OTHER_SCHOOL)
        for year in (2026, 2027)
    }
    assert days == {
        (SCHOOL, 2026): [(START, date(2026, 12, 31))],
        (SCHOOL, 2027): [(date(2027, 1, 1), date(2027, 3, 31))],
        (OTHER_SCHOOL, 2026): [],
        (OTHER_SCHOOL, 2027): [(date(2027, 4, 1), date(2027, 12, 31))],
    }


def test_file_is_for_those_who_declare_for_the_place_and_needs_its_convention(daycare: Records) -> None:
    elsewhere = Actor("Ailleurs", (Grant("daycare_director", place_ids(daycare)[OTHER_SCHOOL]),))
    with pytest.raises(NotAllowed):
        filoue_people(daycare, elsewhere, SCHOOL, 2026)
    with pytest.raises(ParameterMissing, match="convention CAF"):
        filoue_people(daycare, SETUP, OTHER_SCHOOL, 2026)
