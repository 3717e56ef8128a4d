"""The period of the demo: real school years, and months that end yesterday."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.calendar import SchoolCalendar, months_before, period
from domain.errors import InvalidData
from tests.unit.demo.plans import TODAY, zone_a


def test_school_years_run_from_summer_to_summer() -> None:
    years = {year.ref: (year.starts_on, year.ends_on) for year in zone_a().school_years}
    assert years["2026-2027"] == (date(2026, 9, 1), date(2027, 7, 3))


def test_months_end_yesterday_on_a_saturday() -> None:
    found = period(zone_a(), TODAY, 3)
    assert (found.first_day, found.last_day) == (date(2026, 8, 21), date(2026, 11, 20))
    assert found.days[0] == date(2026, 9, 1)


def test_in_holidays_the_last_day_is_the_last_school_day() -> None:
    assert period(zone_a(), date(2026, 10, 28), 3).last_day == date(2026, 10, 16)


def test_no_day_of_the_period_is_a_holiday_or_a_weekend() -> None:
    days = period(zone_a(), TODAY, 3).days
    assert all(day.weekday() < 5 and day not in zone_a().off_days for day in days)
    assert date(2026, 10, 20) not in days
    assert date(2026, 11, 11) not in days


def test_in_september_the_school_year_before_is_part_of_the_period() -> None:
    assert [year.ref for year in period(zone_a(), date(2026, 9, 15), 3).years] == ["2025-2026", "2026-2027"]


def test_in_summer_the_coming_school_year_is_part_of_the_period() -> None:
    found = period(zone_a(), date(2026, 8, 10), 3)
    assert found.main_year.ref == "2025-2026"
    assert [year.ref for year in found.years] == ["2025-2026", "2026-2027"]


def test_a_day_beyond_the_known_calendar_is_refused_by_name() -> None:
    with pytest.raises(InvalidData, match=r"01/03/2035.*--today"):
        zone_a().first_open_day_from(date(2035, 3, 1))


def test_an_empty_calendar_is_refused() -> None:
    with pytest.raises(InvalidData, match="vide"):
        SchoolCalendar({}).last_open_day_before(TODAY)


@given(day=st.dates(date(2000, 1, 1), date(2050, 12, 31)), months=st.integers(1, 24))
def test_months_before_keeps_the_day_or_takes_the_last_of_the_month(day: date, months: int) -> None:
    found = months_before(day, months)
    assert (day.year * 12 + day.month) - (found.year * 12 + found.month) == months
    assert found.day == day.day or (found.day < day.day and (found + timedelta(days=1)).day == 1)
