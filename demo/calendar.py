"""The school calendar as the plan needs it: off days, school years, and the three months that end yesterday."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from domain.errors import InvalidData

SUMMER_DAYS_MIN = 40  # no other school holiday lasts as long
HORIZON_DAYS = 42  # bookings and enrolments exist at least that far ahead
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SchoolYearDates:
    """A school year, half-open: `ends_on` is the first day of the summer holidays."""

    starts_on: date
    ends_on: date

    @property
    def ref(self) -> str:
        """« 2026-2027 »."""
        return f"{self.starts_on.year}-{self.starts_on.year + 1}"

    def holds(self, day: date) -> bool:
        """Return True when the day lies in the year."""
        return self.starts_on <= day < self.ends_on


@dataclass(frozen=True)
class SchoolCalendar:
    """School holidays, public holidays and bridges by day, for one zone."""

    off_days: Mapping[date, frozenset[str]]

    @cached_property
    def school_years(self) -> list[SchoolYearDates]:
        """The whole school years between two summers of the calendar, oldest first."""
        summers = [run for run in self._holiday_runs() if (run[1] - run[0]).days >= SUMMER_DAYS_MIN]
        return [SchoolYearDates(before[1] + _DAY, after[0]) for before, after in pairwise(summers)]

    def is_open(self, day: date) -> bool:
        """Return True on a weekday of school time: some service of the town is open."""
        return day.weekday() < 5 and not self.off_days.get(day) and self.year_of(day) is not None

    def year_of(self, day: date) -> SchoolYearDates | None:
        """Return the school year that holds the day, if any."""
        return next((year for year in self.school_years if year.holds(day)), None)

    def last_open_day_before(self, today: date) -> date:
        """Return the last open day before today: yesterday, or the last school day."""
        return self._walk(today - _DAY, -_DAY)

    def first_open_day_from(self, day: date) -> date:
        """Return the first open day on or after a day."""
        return self._walk(day, _DAY)

    def _walk(self, day: date, step: timedelta) -> date:
        if not self.off_days:
            raise InvalidData("Le calendrier scolaire est vide.")
        while min(self.off_days) <= day <= max(self.off_days):
            if self.is_open(day):
                return day
            day += step
        raise InvalidData(
            f"Le calendrier scolaire n'est pas connu autour du {day:%d/%m/%Y}. "
            "Choisissez une autre date avec --today.",
            day=day,
        )

    def _holiday_runs(self) -> list[tuple[date, date]]:
        runs: list[tuple[date, date]] = []
        for day in sorted(day for day, kinds in self.off_days.items() if "school_holiday" in kinds):
            if runs and day - runs[-1][1] == _DAY:
                runs[-1] = (runs[-1][0], day)
            else:
                runs.append((day, day))
        return runs


@dataclass(frozen=True, slots=True)
class Period:
    """What the demo covers: taps on open days of [first_day, last_day], and the school years it touches."""

    today: date
    first_day: date
    last_day: date
    main_year: SchoolYearDates
    years: tuple[SchoolYearDates, ...]
    days: tuple[date, ...]

    def year_of(self, day: date) -> SchoolYearDates:
        """Return the school year of an open day of the period."""
        return next(year for year in self.years if year.holds(day))

    def decided_before(self) -> date:
        """Return the first day of the month of `last_day`: earlier months are settled."""
        return self.last_day.replace(day=1)


def period(calendar: SchoolCalendar, today: date, months: int) -> Period:
    """Return the months that end on the last open day before today."""
    last_day = calendar.last_open_day_before(today)
    first_day = months_before(last_day, months) + _DAY
    main_year = calendar.year_of(last_day)
    if main_year is None:
        raise InvalidData(f"Le calendrier scolaire n'est pas connu au {last_day:%d/%m/%Y}.")
    until = max(today, calendar.first_open_day_from(today)) + timedelta(days=HORIZON_DAYS)
    years = [year for year in calendar.school_years if year.starts_on <= until and year.ends_on > first_day]
    span = (last_day - first_day).days + 1
    days = [first_day + timedelta(days=n) for n in range(span)]
    return Period(
        today, first_day, last_day, main_year, tuple(years), tuple(day for day in days if calendar.is_open(day))
    )


def months_before(day: date, months: int) -> date:
    """Return the same day some months earlier, or the last day of that month when it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - _DAY)
