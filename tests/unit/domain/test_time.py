"""Instants and local days: exact, and right on the days when clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.time import instant_at, local, local_day, local_minute, micros, system_clock

PARIS, REUNION = "Europe/Paris", "Indian/Reunion"
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)
HOUR = 3_600_000_000


def test_naive_datetime_has_no_instant() -> None:
    with pytest.raises(ValueError, match="naive"):
        micros(datetime(2026, 11, 24))  # noqa: DTZ001


def test_instant_is_exact_to_the_microsecond() -> None:
    assert micros(datetime(1970, 1, 1, 0, 0, 1, 1, tzinfo=UTC)) == 1_000_001
    assert micros(datetime(2500, 1, 1, tzinfo=UTC)) == 16_725_225_600_000_000


def test_wall_clock_of_a_winter_and_of_a_summer_morning() -> None:
    assert local_minute(instant_at(date(2026, 11, 24), 482, PARIS), PARIS) == 482
    assert local(instant_at(date(2026, 11, 24), 482, PARIS), "UTC").hour == 7
    assert local(instant_at(date(2026, 6, 24), 482, PARIS), "UTC").hour == 6


def test_evening_belongs_to_another_day_on_the_other_side_of_the_world() -> None:
    instant = instant_at(date(2026, 11, 24), 22 * 60, PARIS)
    assert local_day(instant, PARIS) == date(2026, 11, 24)
    assert local_day(instant, REUNION) == date(2026, 11, 25)


def test_autumn_day_lasts_25_hours_and_spring_day_23() -> None:
    for day, hours in ((AUTUMN, 25), (SPRING, 23)):
        assert instant_at(day + timedelta(days=1), 0, PARIS) - instant_at(day, 0, PARIS) == hours * HOUR


def test_repeated_hour_of_autumn_means_its_first() -> None:
    instant = instant_at(AUTUMN, 150, PARIS)
    assert local_minute(instant, PARIS) == local_minute(instant + HOUR, PARIS) == 150


def test_system_clock_goes_with_the_machine() -> None:
    before = micros(datetime.now(UTC))
    assert before <= system_clock() <= micros(datetime.now(UTC))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(180, 1439), st.sampled_from([PARIS, REUNION]))
def test_wall_clock_after_three_comes_back_as_it_was(day: date, minute: int, zone: str) -> None:
    instant = instant_at(day, minute, zone)
    assert (local_day(instant, zone), local_minute(instant, zone)) == (day, minute)
