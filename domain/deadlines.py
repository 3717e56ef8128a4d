"""Until when a day may be booked or given up: pure rules on the date of receipt (domain notes §5).

A request is judged when it was *received*, not when somebody typed it. The portal knows the minute. Of what came to
the counter, by post, by mail or by phone only the day is sure, and the doubt is the family's gain: it is in time
until the end of the deadline's day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from domain.french import clock, medium_date

END_OF_DAY = 24 * 60
_LOOK_BACK_DAYS = 366  # how far back open days are looked for: a year, whatever the year


@dataclass(frozen=True, slots=True)
class BookingTerms:
    """How and until when the days of a service are booked at a place; see `records.models.BookingRule`."""

    deadline_rule: str = "none"
    deadline_days: int | None = None
    counts_open_days: bool = False
    deadline_weekday: int | None = None
    deadline_weeks: int | None = None
    deadline_minute: int | None = None
    after_deadline: str = "refused"
    opens_on: date | None = None
    closes_on: date | None = None
    portal_mode: str = "hidden"
    is_from_to: bool = False
    has_waiting_list: bool = False


FREE = BookingTerms(after_deadline="accepted")  # a service without a booking rule


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A local day and minute; a minute of 1 440 is the end of the day."""

    day: date
    minute: int

    def __str__(self) -> str:
        return (
            medium_date(self.day) if self.minute >= END_OF_DAY else f"{medium_date(self.day)}, {clock(self.minute)}"
        )


class Timing(StrEnum):
    """How a request stands to the dates of its service."""

    IN_TIME = "in_time"
    TOO_EARLY = "too_early"  # bookings have not begun
    CLOSED = "closed"  # bookings of the period have ended
    LATE = "late"  # past the deadline of that day


def received(day: date, minute: int | None) -> Moment:
    """Return when something was received; without a minute, the first one of its day."""
    return Moment(day, 0 if minute is None else minute)


def deadline(terms: BookingTerms, day: date, is_open: Callable[[date], bool]) -> Moment | None:
    """Return the last moment to ask for a day, None when there is none. `is_open` tells the service's open days."""
    minute = terms.deadline_minute
    if terms.deadline_rule == "none" or minute is None:
        return None
    if terms.deadline_rule == "days_before":
        return Moment(_days_before(day, terms, is_open), minute)
    monday = day - timedelta(days=day.weekday())
    return Moment(monday + timedelta(days=(terms.deadline_weekday or 0) - 7 * (terms.deadline_weeks or 0)), minute)


def timing(terms: BookingTerms, asked: Moment, limit: Moment | None) -> Timing:
    """Return how a request received then stands; the deadline's own minute is still in time."""
    if terms.opens_on is not None and asked.day < terms.opens_on:
        return Timing.TOO_EARLY
    if terms.closes_on is not None and asked.day >= terms.closes_on:
        return Timing.CLOSED
    if limit is not None and asked > limit:
        return Timing.LATE
    return Timing.IN_TIME


def is_accepted_alone(terms: BookingTerms, when: Timing) -> bool:
    """Return whether the portal may accept a request before anybody has looked at it."""
    return terms.portal_mode == "automatic" and when is Timing.IN_TIME


def _days_before(day: date, terms: BookingTerms, is_open: Callable[[date], bool]) -> date:
    wanted = terms.deadline_days or 0
    if not terms.counts_open_days:
        return day - timedelta(days=wanted)
    before = (day - timedelta(days=offset) for offset in range(1, _LOOK_BACK_DAYS + 1))
    found = [day, *islice((each for each in before if is_open(each)), wanted)]
    # A service that has just opened has too few days behind it: there, days of the calendar are counted instead.
    return found[wanted] if len(found) > wanted else day - timedelta(days=wanted)
