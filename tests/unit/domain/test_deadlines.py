"""Deadlines of bookings: on the date of receipt, whatever the weekday rule, the open days or the channel."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deadlines import (
    FREE,
    BookingTerms,
    Moment,
    Timing,
    deadline,
    is_accepted_alone,
    received,
    timing,
)

THURSDAY_NOON = BookingTerms("weekday_before", deadline_weekday=3, deadline_weeks=1, deadline_minute=720)
NEXT_TUESDAY = date(2026, 12, 1)
LIMIT = Moment(date(2026, 11, 26), 720)
dates = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def always(_day: date) -> bool:
    """Every day is open."""
    return True


def on_weekdays(day: date) -> bool:
    """Open from Monday to Friday."""
    return day.weekday() < 5


def test_thursday_noon_for_next_week() -> None:
    for offset in range(7):
        day = date(2026, 11, 30) + timedelta(days=offset)
        assert deadline(THURSDAY_NOON, day, always) == LIMIT
    assert str(LIMIT) == "jeudi 26 novembre, 12\u00a0h"


@pytest.mark.parametrize(
    ("minute", "found"), [(719, Timing.IN_TIME), (720, Timing.IN_TIME), (721, Timing.LATE), (None, Timing.IN_TIME)]
)
def test_portal_is_judged_by_the_minute_and_the_post_by_the_day(minute: int | None, found: Timing) -> None:
    assert timing(THURSDAY_NOON, received(LIMIT.day, minute), LIMIT) is found


def test_what_comes_the_day_after_the_deadline_is_late_on_every_channel() -> None:
    for minute in (None, 0):
        asked = received(LIMIT.day + timedelta(days=1), minute)
        assert timing(THURSDAY_NOON, asked, LIMIT) is Timing.LATE


def test_days_before_count_the_week_end_unless_open_days_are_counted() -> None:
    monday = date(2026, 11, 30)
    plain = BookingTerms("days_before", deadline_days=2, deadline_minute=540)
    open_days = BookingTerms("days_before", deadline_days=2, deadline_minute=540, counts_open_days=True)
    assert deadline(plain, monday, on_weekdays) == Moment(date(2026, 11, 28), 540)
    assert deadline(open_days, monday, on_weekdays) == Moment(date(2026, 11, 26), 540)
    same_day = BookingTerms("days_before", deadline_days=0, deadline_minute=540, counts_open_days=True)
    assert deadline(same_day, monday, on_weekdays) == Moment(monday, 540)


def test_open_days_are_looked_for_a_whole_year_back_and_days_of_the_calendar_stand_for_those_that_lack() -> None:
    day, a_year_before = date(2028, 12, 1), date(2027, 12, 1)  # a leap year lies between
    terms = BookingTerms("days_before", deadline_days=1, deadline_minute=540, counts_open_days=True)
    assert deadline(terms, day, lambda each: each == a_year_before) == Moment(a_year_before, 540)
    two = replace(terms, deadline_days=2)
    assert deadline(two, day, lambda each: each == a_year_before) == Moment(date(2028, 11, 29), 540)


@given(dates, st.integers(0, 20), st.sets(dates, max_size=60))
def test_open_days_between_the_deadline_and_the_day_are_as_many_as_the_rule_says(
    day: date, count: int, shut: set[date]
) -> None:
    terms = BookingTerms("days_before", deadline_days=count, deadline_minute=0, counts_open_days=True)
    limit = deadline(terms, day, lambda each: each not in shut)
    assert limit is not None
    between = [limit.day + timedelta(days=n) for n in range((day - limit.day).days)]
    assert sum(each not in shut for each in between) == count


@given(dates, st.integers(0, 6), st.integers(0, 4), st.integers(0, 1440))
def test_weekday_deadline_is_that_weekday_of_an_earlier_week(
    day: date, weekday: int, weeks: int, minute: int
) -> None:
    terms = BookingTerms("weekday_before", deadline_weekday=weekday, deadline_weeks=weeks, deadline_minute=minute)
    limit = deadline(terms, day, always)
    assert limit is not None
    assert (limit.day.weekday(), limit.minute) == (weekday, minute)
    monday = day - timedelta(days=day.weekday())
    assert limit.day - timedelta(days=weekday) == monday - timedelta(weeks=weeks)


@given(dates, st.integers(0, 1440) | st.none(), st.integers(0, 1440) | st.none(), dates)
def test_who_asks_earlier_is_never_later(day: date, one: int | None, other: int | None, asked: date) -> None:
    limit = deadline(THURSDAY_NOON, day, always)
    first, second = sorted((received(asked, one), received(asked, other)))
    if timing(THURSDAY_NOON, second, limit) is Timing.IN_TIME:
        assert timing(THURSDAY_NOON, first, limit) is Timing.IN_TIME


def test_bookings_open_and_close_on_their_dates() -> None:
    terms = BookingTerms(opens_on=date(2026, 11, 2), closes_on=date(2026, 11, 30))
    found = [
        timing(terms, received(date(2026, *day), None), None) for day in ((11, 1), (11, 2), (11, 29), (11, 30))
    ]
    assert found == [Timing.TOO_EARLY, Timing.IN_TIME, Timing.IN_TIME, Timing.CLOSED]


def test_service_without_a_rule_takes_everything() -> None:
    assert deadline(FREE, NEXT_TUESDAY, always) is None
    assert timing(FREE, received(NEXT_TUESDAY, 1439), None) is Timing.IN_TIME


def test_only_an_automatic_service_accepts_alone_and_only_in_time() -> None:
    automatic = BookingTerms(portal_mode="automatic")
    assert is_accepted_alone(automatic, Timing.IN_TIME)
    assert not is_accepted_alone(automatic, Timing.LATE)
    assert not is_accepted_alone(BookingTerms(portal_mode="requests"), Timing.IN_TIME)
