"""Many writers ask for the last places at once, on both engines: none is sold twice, none stays empty."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from domain.errors import InvalidData
from records.actors import SETUP
from records.database import Records
from records.models import Booking, Enrolment, Sejour
from records.operations.attendance import expected
from records.operations.bookings import book, cancel
from records.operations.enrolments import enrol, enrol_all
from records.operations.offers import NewBookingRule, NewCapacity, add_booking_rule, add_capacity
from tests.factories.people import FamilyRefs, a_family, new_booking, new_enrolment
from tests.factories.rows import a_row
from tests.factories.town import CANTEEN, NOW, SCHOOL, START
from tests.factories.writers import book_one_by_one
from tests.harness import writers

pytestmark = pytest.mark.long

DAY = date(2026, 12, 1)
PLACES, PROCESSES = 5, 4
CHILDREN = tuple(f"Enfant{number}" for number in range(24))


def a_full_town(town: Records, *, has_waiting_list: bool) -> FamilyRefs:
    """Twenty-four children who may book, and five places."""
    family = a_family(town, children=CHILDREN)
    days = [
        replace(new_enrolment(family, patterns=()), ref=f"cantine-{child}", person_ref=child)
        for child in family.children
    ]
    enrol_all(town, SETUP, days)
    add_booking_rule(town, SETUP, NewBookingRule(CANTEEN, START, "Délibération", has_waiting_list=has_waiting_list))
    add_capacity(town, SETUP, NewCapacity(SCHOOL, START, PLACES, "SDJES"))
    return family


def there(town: Records) -> set[str]:
    with town.read() as session:
        return {each.child_ref for each in expected(session, None, DAY, DAY)}


def test_processes_that_book_at_once_never_oversell_a_day(town: Records) -> None:
    family = a_full_town(town, has_waiting_list=False)
    url = town.engine.url.render_as_string(hide_password=False)
    asked = [replace(new_booking(family, DAY), person_ref=child) for child in family.children]
    parts = [(url, NOW, asked[number::PROCESSES]) for number in range(PROCESSES)]
    with writers.processes().Pool(PROCESSES) as pool:
        found = [action for part in pool.starmap(book_one_by_one, parts) for action in part]
    assert sorted(found) == ["book"] * PLACES + ["refused"] * (len(CHILDREN) - PLACES)
    assert len(there(town)) == PLACES


def test_threads_that_book_and_cancel_at_once_serve_the_waiting_list_in_order(town: Records) -> None:
    family = a_full_town(town, has_waiting_list=True)
    asked = [replace(new_booking(family, DAY), person_ref=child) for child in family.children]
    _at_once(lambda number: book(town, SETUP, asked[number]), len(asked))
    with town.read() as session:
        rows = session.execute(select(Booking.person_id, Booking.action).order_by(Booking.id)).all()
    assert [row.action for row in rows] == ["book"] * PLACES + ["wait"] * (len(CHILDREN) - PLACES)
    inside = there(town)
    leaving = [each for each in asked if each.person_ref in inside][:3]
    _at_once(lambda number: cancel(town, SETUP, leaving[number]), len(leaving))
    with town.read() as session:
        served = session.scalars(select(Booking.person_id).where(Booking.action == "accept").order_by(Booking.id))
        assert list(served) == [row.person_id for row in rows[PLACES : PLACES + 3]]
    assert len(there(town)) == PLACES


def test_threads_that_enrol_at_once_never_oversell_a_sejour(town: Records) -> None:
    family = a_family(town, children=CHILDREN)
    starts_on, ends_on = date(2026, 12, 7), date(2026, 12, 12)
    ages = {"age_from_months": 0, "age_to_months": 1800}
    a_row(town, Sejour, ref="mer", starts_on=starts_on, ends_on=ends_on, places=PLACES, **ages)
    asked = [
        replace(
            new_enrolment(family, patterns=(), valid_from=starts_on, valid_to=ends_on, sejour_ref="mer"),
            ref=f"mer-{child}",
            person_ref=child,
        )
        for child in family.children
    ]
    refused: list[str] = []

    def ask(number: int) -> None:
        try:
            enrol(town, SETUP, asked[number])
        except InvalidData as refusal:
            refused.append(str(refusal))

    _at_once(ask, len(asked))
    with town.read() as session:
        assert len(session.scalars(select(Enrolment.id).where(Enrolment.sejour_id.is_not(None))).all()) == PLACES
    assert len(refused) == len(CHILDREN) - PLACES
    assert all("est complet" in each for each in refused)


def _at_once(work: Callable[[int], object], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
