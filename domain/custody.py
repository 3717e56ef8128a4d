"""Which of two payers has a child on a day: pure rules, rows in and a payer out (domain notes §3).

1. The last exception of the day decides alone; one that names nobody takes the earlier ones back.
2. Else, on a day of a school holiday that a holiday rule in force speaks of, the half of the holiday decides.
3. Else the calendar in force decides, by the day's place in its cycle of fourteen days.

The cycle is counted from an anchor date, never by ISO weeks: the year 2026 has 53 (CAF notes §8). The warehouse has
its twin in SQL (`int_pricing__custody`) and a property test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

CYCLE_DAYS = 14
# The holiday that begins in a month; holidays that begin in another month than usual are still one of the five.
_HOLIDAY_OF_MONTH = {
    **dict.fromkeys((9, 10, 11), "autumn"),
    **dict.fromkeys((12, 1), "christmas"),
    **dict.fromkeys((2, 3), "winter"),
    **dict.fromkeys((4, 5), "spring"),
    **dict.fromkeys((6, 7, 8), "summer"),
}


@dataclass(frozen=True, slots=True)
class SchoolHoliday:
    """One school holiday, `[starts_on, ends_on)`: autumn, christmas, winter, spring or summer."""

    name: str
    starts_on: date
    ends_on: date

    def is_second_half(self, day: date) -> bool:
        """Return whether a day of it lies in its second half; the middle day of an odd number is in the first."""
        return (day - self.starts_on).days * 2 >= (self.ends_on - self.starts_on).days


@dataclass(frozen=True, slots=True)
class CustodyCycle:
    """From `valid_from`: 14 characters « 1 » or « 2 » from `anchor_on`, repeated before and after it."""

    valid_from: date
    anchor_on: date
    pattern: str
    payer_1_id: int
    payer_2_id: int


@dataclass(frozen=True, slots=True)
class HolidayHalves:
    """From `valid_from`: who has each half of a holiday; `alternates` swaps them when the year's parity does."""

    holiday: str
    valid_from: date
    anchor_year: int
    alternates: bool
    first_payer_id: int
    second_payer_id: int


@dataclass(frozen=True, slots=True)
class DayException:
    """The payer of one day whatever the cycle says; the highest `seq` stands, no payer takes back the others."""

    day: date
    seq: int
    payer_id: int | None


@dataclass(frozen=True, slots=True)
class Custody:
    """Everything that says who has one child."""

    cycles: tuple[CustodyCycle, ...] = ()
    halves: tuple[HolidayHalves, ...] = ()
    exceptions: tuple[DayException, ...] = ()


def school_holidays(days: Iterable[date]) -> list[SchoolHoliday]:
    """Return the holidays that the marked days make: each run of days without a gap is one, named by its start."""
    found: list[SchoolHoliday] = []
    for day in sorted(set(days)):
        if found and found[-1].ends_on == day:
            last = found.pop()
            found.append(SchoolHoliday(last.name, last.starts_on, day + timedelta(days=1)))
        else:
            found.append(SchoolHoliday(_HOLIDAY_OF_MONTH[day.month], day, day + timedelta(days=1)))
    return found


def payer_on(day: date, custody: Custody, holidays: Sequence[SchoolHoliday]) -> int | None:
    """Return the payer who has the child on a day; None when nothing says it."""
    exceptions = [each for each in custody.exceptions if each.day == day]
    last = max(exceptions, key=lambda each: each.seq, default=None)
    if last is not None and last.payer_id is not None:
        return last.payer_id
    in_holiday = _payer_of_holiday(day, custody.halves, holidays)
    return in_holiday if in_holiday is not None else _payer_of_cycle(day, custody.cycles)


def _payer_of_holiday(day: date, halves: Sequence[HolidayHalves], holidays: Sequence[SchoolHoliday]) -> int | None:
    holiday = next((each for each in holidays if each.starts_on <= day < each.ends_on), None)
    if holiday is None:
        return None
    begun = [each for each in halves if each.holiday == holiday.name and each.valid_from <= day]
    rule = max(begun, key=lambda each: each.valid_from, default=None)
    if rule is None:
        return None
    is_swapped = rule.alternates and (holiday.starts_on.year - rule.anchor_year) % 2 == 1
    return rule.second_payer_id if holiday.is_second_half(day) != is_swapped else rule.first_payer_id


def _payer_of_cycle(day: date, cycles: Sequence[CustodyCycle]) -> int | None:
    begun = [each for each in cycles if each.valid_from <= day]
    cycle = max(begun, key=lambda each: each.valid_from, default=None)
    if cycle is None:
        return None
    place = (day - cycle.anchor_on).days % CYCLE_DAYS
    return cycle.payer_1_id if cycle.pattern[place] == "1" else cycle.payer_2_id
