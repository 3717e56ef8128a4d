"""Holiday halves and exceptions of custody calendars, and what they make of a day."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.custody import Custody, CustodyCycle, DayException, HolidayHalves, payer_on, school_holidays
from domain.errors import InvalidData
from records.actors import SETUP
from records.database import Records
from records.models import CalendarDay, CustodyCalendar, CustodyException, CustodyHoliday, Payer, Person
from records.operations.custody import (
    NewCustodyException,
    NewCustodyHoliday,
    add_custody_exceptions,
    add_custody_holiday,
)
from records.operations.families import add_custody_calendar
from tests.factories.people import FamilyRefs, a_family, new_custody
from tests.factories.town import START, TODAY


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A child shared between two payers by week from Monday 31 August 2026."""
    made = a_family(town, guardians=2)
    add_custody_calendar(town, SETUP, new_custody(made))
    return made


def halves(family: FamilyRefs, **changes: object) -> NewCustodyHoliday:
    """Christmas: the second payer first in even years."""
    rule = NewCustodyHoliday(family.child, "christmas", START, 2026, True, family.payers[1], family.payers[0])
    return replace(rule, **changes)  # type: ignore[arg-type]


def recorded_custody(session: Session, child_id: int) -> Custody:
    """Everything recorded that says who has a child."""
    cycles = session.scalars(select(CustodyCalendar).where(CustodyCalendar.child_id == child_id))
    rules = session.scalars(select(CustodyHoliday).where(CustodyHoliday.child_id == child_id))
    exceptions = session.scalars(select(CustodyException).where(CustodyException.child_id == child_id))
    return Custody(
        tuple(CustodyCycle(c.valid_from, c.anchor_on, c.pattern, c.payer_1_id, c.payer_2_id) for c in cycles),
        tuple(
            HolidayHalves(h.holiday, h.valid_from, h.anchor_year, h.alternates, h.first_payer_id, h.second_payer_id)
            for h in rules
        ),
        tuple(DayException(e.day, e.seq, e.payer_id) for e in exceptions),
    )


def payer_of(town: Records, family: FamilyRefs, day: date) -> str | None:
    """The payer's ref on a day, by the domain's rule on recorded rows."""
    with town.read() as session:
        child_id = session.scalars(select(Person.id).where(Person.ref == family.child)).one()
        holidays = select(CalendarDay.day).where(CalendarDay.kind == "school_holiday")
        payer_id = payer_on(day, recorded_custody(session, child_id), school_holidays(session.scalars(holidays)))
        return session.scalar(select(Payer.ref).where(Payer.id == payer_id))


def test_halves_of_the_recorded_holiday_name_the_payers(town: Records, family: FamilyRefs) -> None:
    add_custody_holiday(town, SETUP, halves(family))
    found = [payer_of(town, family, day) for day in (date(2026, 12, 20), date(2026, 12, 28), date(2027, 1, 3))]
    assert found == [family.payers[1], family.payers[0], family.payers[0]]


def test_exception_names_the_payer_of_its_day_until_it_is_taken_back(town: Records, family: FamilyRefs) -> None:
    before = payer_of(town, family, TODAY)
    other = next(ref for ref in family.payers if ref != before)
    exception = NewCustodyException(family.child, TODAY, other, "Échange demandé par les deux parents")
    add_custody_exceptions(town, SETUP, [exception])
    assert payer_of(town, family, TODAY) == other
    add_custody_exceptions(town, SETUP, [replace(exception, payer_ref=None, reason="Échange annulé")])
    assert payer_of(town, family, TODAY) == before
    with town.read() as session:
        assert session.scalars(select(CustodyException.seq)).all() == [1, 2]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"holiday": "ski"}, "Vacances inconnues"),
        ({"valid_from": date(2020, 1, 1)}, "n'a pas de calendrier de garde le 01/01/2020"),
        ({"second_payer_ref": "petit-adulte-1-payeur"}, "entre d'autres payeurs"),
    ],
)
def test_halves_that_cannot_be_are_refused_in_words(
    town: Records, family: FamilyRefs, changes: dict[str, object], said: str
) -> None:
    a_family(town, "Petit", children=("Tom",))
    with pytest.raises(InvalidData, match=said):
        add_custody_holiday(town, SETUP, halves(family, **changes))
    with pytest.raises(InvalidData, match="deux payeurs différents"):
        add_custody_holiday(town, SETUP, halves(family, second_payer_ref=family.payers[1]))
    with town.read() as session:
        assert session.scalar(select(CustodyHoliday)) is None


def test_exceptions_are_refused_whole_when_one_has_no_reason_or_no_calendar(
    town: Records, family: FamilyRefs
) -> None:
    good = NewCustodyException(family.child, TODAY, family.payers[0], "Échange")
    for bad, said in (
        (replace(good, reason=" "), "Dites pourquoi"),
        (replace(good, day=date(2020, 1, 1)), "Ajoutez d'abord le calendrier"),
    ):
        with pytest.raises(InvalidData, match=said):
            add_custody_exceptions(town, SETUP, [good, bad])
    with town.read() as session:
        assert session.scalar(select(CustodyException)) is None
