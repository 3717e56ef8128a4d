"""Who has a child: cycles by an anchor, halves of holidays, exceptions."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.custody import (
    Custody,
    CustodyCycle,
    DayException,
    HolidayHalves,
    SchoolHoliday,
    payer_on,
    school_holidays,
)

MOTHER, FATHER = 1, 2
WEEKS = CustodyCycle(date(2026, 9, 1), date(2026, 8, 31), "1111111" + "2222222", MOTHER, FATHER)
CHRISTMAS = SchoolHoliday("christmas", date(2026, 12, 19), date(2027, 1, 4))
HALVES = HolidayHalves("christmas", date(2026, 9, 1), 2026, True, FATHER, MOTHER)
dates = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def test_weeks_alternate_over_the_turn_of_a_year_of_53_weeks() -> None:
    mondays = [date(2026, 12, 14) + timedelta(weeks=week) for week in range(5)]
    # ISO weeks 51, 52, 53, 1, 2: 53 and 1 are both odd, and yet the child changes home.
    assert [monday.isocalendar().week for monday in mondays] == [51, 52, 53, 1, 2]
    found = [payer_on(monday, Custody((WEEKS,)), []) for monday in mondays]
    assert found == [FATHER, MOTHER, FATHER, MOTHER, FATHER]


@given(dates, dates)
def test_cycle_repeats_every_fourteen_days_before_and_after_its_anchor(anchor: date, day: date) -> None:
    custody = Custody((CustodyCycle(date(2019, 1, 1), anchor, "12211112222211", MOTHER, FATHER),))
    assert payer_on(day, custody, []) == payer_on(day + timedelta(days=14), custody, [])
    assert payer_on(anchor, custody, []) == MOTHER


def test_nobody_is_named_before_the_first_calendar() -> None:
    assert payer_on(date(2026, 8, 31), Custody((WEEKS,)), []) is None


def test_calendar_begun_last_is_in_force() -> None:
    later = replace(WEEKS, valid_from=date(2026, 12, 1), pattern="2" * 14)
    custody = Custody((later, WEEKS))
    assert payer_on(date(2026, 11, 23), custody, []) == MOTHER
    assert payer_on(date(2026, 12, 7), custody, []) == FATHER


@pytest.mark.parametrize(
    ("day", "payer"),
    [
        (date(2026, 12, 18), FATHER),  # before: the cycle
        (date(2026, 12, 19), FATHER),
        (date(2026, 12, 26), FATHER),  # the eighth of sixteen days
        (date(2026, 12, 27), MOTHER),
        (date(2027, 1, 3), MOTHER),  # its year is that of its first day
    ],
)
def test_halves_of_a_holiday_beat_the_cycle(day: date, payer: int) -> None:
    assert payer_on(day, Custody((WEEKS,), (HALVES,)), [CHRISTMAS]) == payer


def test_halves_are_swapped_in_the_other_years_unless_they_never_alternate() -> None:
    next_year = SchoolHoliday("christmas", date(2027, 12, 18), date(2028, 1, 3))
    first_day = next_year.starts_on
    assert payer_on(first_day, Custody((), (HALVES,)), [next_year]) == MOTHER
    assert payer_on(first_day, Custody((), (replace(HALVES, alternates=False),)), [next_year]) == FATHER


def test_middle_day_of_an_odd_holiday_is_in_the_first_half() -> None:
    holiday = SchoolHoliday("winter", date(2027, 2, 6), date(2027, 2, 9))
    assert [holiday.is_second_half(holiday.starts_on + timedelta(days=n)) for n in range(3)] == [False, False, True]


@given(dates, st.integers(1, 70))
def test_each_half_has_half_of_the_days(start: date, length: int) -> None:
    holiday = SchoolHoliday("summer", start, start + timedelta(days=length))
    seconds = sum(holiday.is_second_half(start + timedelta(days=n)) for n in range(length))
    assert seconds == length // 2


def test_last_exception_of_a_day_stands_and_none_takes_the_others_back() -> None:
    day = date(2026, 12, 20)
    exceptions = (DayException(day, 1, MOTHER), DayException(day, 2, FATHER), DayException(day, 3, MOTHER))
    assert payer_on(day, Custody((WEEKS,), (HALVES,), exceptions), [CHRISTMAS]) == MOTHER
    taken_back = (*exceptions, DayException(day, 4, None))
    assert payer_on(day, Custody((WEEKS,), (HALVES,), taken_back), [CHRISTMAS]) == FATHER
    assert payer_on(day + timedelta(days=14), Custody((WEEKS,), (), exceptions), []) == FATHER


def test_each_run_of_days_is_a_holiday_named_by_the_month_in_which_it_starts() -> None:
    runs = ((10, 17), (12, 19), (2, 6), (4, 3), (7, 4))
    days = [date(2026, month, day) + timedelta(days=n) for month, day in runs for n in range(16)]
    found = school_holidays(reversed(days))
    assert [each.name for each in found] == ["winter", "spring", "summer", "autumn", "christmas"]
    assert all(each.ends_on - each.starts_on == timedelta(days=16) for each in found)
