"""Ending an enrolment: what stops, what is freed, and what can no longer be erased."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.errors import Conflict, InvalidData
from records.actors import SETUP
from records.database import Records
from records.models import AuditEntry, Enrolment, EnrolmentPattern, EnrolmentPayer, Signature, WaitingEntry
from records.operations.attendance import expected
from records.operations.bookings import book
from records.operations.enrolment_ends import EnrolmentEnd, end_enrolment
from records.operations.enrolments import enrol
from records.operations.offers import NewBookingRule, NewCapacity, add_booking_rule, add_capacity
from tests.factories.people import FamilyRefs, a_family, an_enrolment, new_booking, new_enrolment
from tests.factories.rows import a_row
from tests.factories.town import CANTEEN, SCHOOL, START, TODAY

THURSDAY = TODAY + timedelta(days=2)
JANUARY = date(2027, 1, 4)


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A child in the canteen on school days."""
    made = a_family(town)
    an_enrolment(town, made, ref="cantine-lea")
    return made


def days_of(records: Records, child_ref: str) -> list[date]:
    with records.read() as session:
        found = expected(session, None, TODAY, TODAY + timedelta(days=7))
    return [each.day for each in found if each.child_ref == child_ref]


def test_child_is_expected_until_the_eve_of_the_end_and_nothing_of_it_goes_on(
    town: Records, family: FamilyRefs
) -> None:
    book(town, SETUP, new_booking(family, THURSDAY))
    assert end_enrolment(town, SETUP, "cantine-lea", THURSDAY) == EnrolmentEnd(False, ())
    assert days_of(town, family.child) == [TODAY]
    with town.read() as session:
        for model in (Enrolment, EnrolmentPattern, EnrolmentPayer):
            assert set(session.scalars(select(model.__table__.c.valid_to))) == {THURSDAY}
        audited = session.scalars(select(AuditEntry).where(AuditEntry.operation == "end_enrolment")).all()
        assert {row.entity for row in audited} == {"enrolment", "enrolment_pattern", "enrolment_payer"}


def test_who_waits_for_a_day_has_what_the_end_frees(town: Records, family: FamilyRefs) -> None:
    add_booking_rule(town, SETUP, NewBookingRule(CANTEEN, START, "Délibération", has_waiting_list=True))
    add_capacity(town, SETUP, NewCapacity(SCHOOL, START, 1, "SDJES"))
    waiting = a_family(town, "Petit", children=("Tom",))
    enrol(town, SETUP, new_enrolment(waiting, patterns=()))
    assert book(town, SETUP, new_booking(waiting, THURSDAY)).rank == 1
    ended = end_enrolment(town, SETUP, "cantine-lea", TODAY + timedelta(days=1))
    assert len(ended.served) == 1
    assert days_of(town, waiting.child) == [THURSDAY]


def test_enrolment_that_has_not_begun_is_removed_and_its_audit_keeps_it(town: Records) -> None:
    family = a_family(town)
    enrolment_id = an_enrolment(town, family, ref="janvier", valid_from=JANUARY)
    entry = a_row(town, WaitingEntry, state="accepted", enrolment_id=enrolment_id)
    assert end_enrolment(town, SETUP, "janvier", JANUARY).is_removed
    with town.read() as session:
        assert session.scalars(select(Enrolment)).all() == []
        assert session.scalars(select(EnrolmentPattern)).all() == []
        assert session.get_one(WaitingEntry, entry.id).state == "withdrawn"
        removed = select(AuditEntry.old).where(AuditEntry.entity == "enrolment", AuditEntry.entity_id == "janvier")
        assert "2027-01-04" in str(session.scalars(removed.order_by(AuditEntry.change_seq.desc())).first())
    an_enrolment(town, family, ref="janvier", valid_from=JANUARY)  # it can be entered again


def test_enrolment_that_was_signed_is_not_erased(town: Records) -> None:
    enrolment_id = an_enrolment(town, a_family(town), ref="janvier", valid_from=JANUARY)
    a_row(town, Signature, paper="enrolment", enrolment_id=enrolment_id)
    with pytest.raises(InvalidData, match="porte une signature"):
        end_enrolment(town, SETUP, "janvier", JANUARY)
    assert not end_enrolment(town, SETUP, "janvier", JANUARY + timedelta(days=1)).is_removed


@pytest.mark.parametrize(
    ("day", "said"),
    [(START, "a commencé le 01/09/2026"), (date(2027, 2, 1), "se termine déjà le 04/01/2027")],
)
def test_end_outside_the_enrolment_is_refused_in_words(
    town: Records, family: FamilyRefs, day: date, said: str
) -> None:
    end_enrolment(town, SETUP, "cantine-lea", JANUARY)
    with pytest.raises(InvalidData, match=said):
        end_enrolment(town, SETUP, "cantine-lea", day)


def test_enrolment_changed_by_somebody_else_meanwhile_is_a_conflict(town: Records, family: FamilyRefs) -> None:
    end_enrolment(town, SETUP, "cantine-lea", JANUARY, 1)
    with pytest.raises(Conflict, match="modifiée par quelqu'un d'autre"):
        end_enrolment(town, SETUP, "cantine-lea", THURSDAY, 1)
