"""Reminders of recaps: who runs the place is told once in time and once late, and no more once it is sent."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from records.actors import SETUP
from records.database import Records
from records.models import MessageOutbox
from records.operations import coverages, voucher_recaps
from records.operations.accounts import NewGrant, invite
from records.operations.accounts import NewInvitation as Invitation
from records.operations.coverage_choices import coverage_choices, enrolments_to_cover
from records.operations.coverage_terms import CoverageTerms
from records.operations.coverages import NewCoverage, Notice
from records.operations.messages import waiting_messages
from records.operations.paying_bodies import NewBody, add_paying_body
from records.operations.recap_reminders import remind_of_recaps
from tests.factories.people import a_family, an_enrolment
from tests.factories.town import CANTEEN, OTHER_SCHOOL, SCHOOL, START, HandClock

DUE = date(2026, 12, 31)
DAILY = CoverageTerms("flat", "day", amount_cents=600)


@pytest.fixture
def vouchers(town: Records) -> Records:
    """Léa's voucher applied at her school's canteen, and the recaps of four days a year."""
    family = a_family(town, qf_e2=40_000)
    an_enrolment(town, family)
    add_paying_body(town, SETUP, NewBody("msa", "MSA", "msa", START))
    days = ((12, 31), (3, 31), (6, 30), (8, 31))
    voucher_recaps.set_recap_calendar(town, SETUP, voucher_recaps.NewRecapCalendar(START, "Note", days, 15))
    voucher = NewCoverage("bon", "msa", family.child, "msa_voucher", DAILY, START, service_ref=CANTEEN)
    coverages.record_coverage(town, SETUP, voucher, Notice("B-1"))
    coverages.apply_coverage(town, SETUP, SCHOOL, "bon", [f"{family.child}-{CANTEEN}"])
    return town


def opened(records: Records, login: str, role: str, place: str | None = None) -> None:
    """Open an account whose own link has left."""
    grant = NewGrant(role, START, structure_ref=place)
    invite(records, SETUP, Invitation(login, login.capitalize(), f"{login}@exemple.test", (grant,)))
    with records.write(SETUP, "sent") as write:
        for row in write.session.scalars(select(MessageOutbox)):
            row.state = "sent"


def told(records: Records) -> list[tuple[str, str, bool]]:
    """Return the address, the place and the lateness of each reminder that waits."""
    return [
        (each.address, each.content["place"], each.content["is_late"]) for each in waiting_messages(records, SETUP)
    ]


def test_the_director_of_the_place_is_reminded_once_in_time_and_once_late(
    vouchers: Records, clock: HandClock
) -> None:
    opened(vouchers, "nadia", "leisure_director", SCHOOL)
    opened(vouchers, "luc", "leisure_director", OTHER_SCHOOL)
    opened(vouchers, "chef", "sector_manager")
    clock.set(480, DUE - timedelta(days=16))
    assert remind_of_recaps(vouchers, SETUP) == 0
    clock.set(480, DUE - timedelta(days=15))
    assert (remind_of_recaps(vouchers, SETUP), remind_of_recaps(vouchers, SETUP)) == (1, 0)
    clock.set(480, DUE + timedelta(days=1))
    assert (remind_of_recaps(vouchers, SETUP), remind_of_recaps(vouchers, SETUP)) == (1, 0)
    assert [(address, is_late) for address, _place, is_late in told(vouchers)] == [
        ("nadia@exemple.test", False),
        ("nadia@exemple.test", True),
    ]


def test_a_place_that_nobody_runs_alone_is_reminded_through_who_relays(vouchers: Records, clock: HandClock) -> None:
    opened(vouchers, "chef", "sector_manager")
    opened(vouchers, "paul", "finance")
    clock.set(480, DUE)
    assert remind_of_recaps(vouchers, SETUP) == 1
    assert told(vouchers)[0][0] == "chef@exemple.test"


def test_nobody_is_reminded_of_what_was_sent_until_it_comes_back(vouchers: Records, clock: HandClock) -> None:
    opened(vouchers, "nadia", "leisure_director", SCHOOL)
    clock.set(480, DUE)
    voucher_recaps.send_recap(vouchers, SETUP, SCHOOL, DUE)
    assert remind_of_recaps(vouchers, SETUP) == 0
    voucher_recaps.return_recap(vouchers, SETUP, SCHOOL, DUE, "Il manque un bon")
    assert remind_of_recaps(vouchers, SETUP) == 1


def test_no_reminder_without_a_calendar_or_vouchers(town: Records) -> None:
    assert remind_of_recaps(town, SETUP) == 0


def test_a_coverage_is_chosen_among_bodies_of_today_and_the_childs_enrolments(vouchers: Records) -> None:
    choices = coverage_choices(vouchers, SETUP)
    assert choices.bodies == {"msa": "MSA"}
    assert CANTEEN in choices.services
    (found,) = enrolments_to_cover(vouchers, SETUP, "bon")
    assert found.structure_ref == SCHOOL
