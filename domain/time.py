"""Instants and local civil time. Instants are integer microseconds UTC; days belong to a place's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

MICROS_PER_SECOND = 1_000_000
MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """A source of the present instant, in microseconds UTC."""

    def __call__(self) -> int: ...


def system_clock() -> int:
    """Return the machine's wall clock in microseconds UTC (edges pass it in; the middle never calls it)."""
    return micros(datetime.now(UTC))


def micros(moment: datetime) -> int:
    """Return an aware datetime as microseconds UTC, exactly; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no instant")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def local(instant: int, zone: str) -> datetime:
    """Return the aware local datetime of an instant in an IANA zone."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo(zone))


def local_day(instant: int, zone: str) -> date:
    """Return the civil day of an instant in a place's zone."""
    return local(instant, zone).date()


def local_minute(instant: int, zone: str) -> int:
    """Return minutes since local midnight by the wall clock (0-1439), as people read it."""
    moment = local(instant, zone)
    return moment.hour * 60 + moment.minute


def instant_at(day: date, minute: int, zone: str) -> int:
    """Return the instant of a wall-clock minute of a day; the first of the two in an autumn DST hour."""
    wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=ZoneInfo(zone))
    return micros(wall)


def months_after(day: date, months: int) -> date:
    """Return the day so many months later, the first of the next month where that day does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
