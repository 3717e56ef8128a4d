"""Who pays for a child on a day, slowly (domain notes §3); imports nothing of Marelle."""

from __future__ import annotations

from datetime import date, timedelta

from tests.oracles.world import Child, EnrolledPayer, Enrolment, Town

HOLIDAYS = {
    **dict.fromkeys((9, 10, 11), "autumn"),
    **dict.fromkeys((12, 1), "christmas"),
    **dict.fromkeys((2, 3), "winter"),
    **dict.fromkeys((4, 5), "spring"),
    **dict.fromkeys((6, 7, 8), "summer"),
}


def is_shared(enrolment: Enrolment, day: date) -> bool:
    """Say whether custody decides who pays that day."""
    named = _named(enrolment, day)
    return len({p.payer for p in named}) > 1 or any(p.rule == "custody" for p in named)


def _named(enrolment: Enrolment, day: date) -> list[EnrolledPayer]:
    return [p for p in enrolment.payers if p.since <= day and (p.until is None or day < p.until)]


def payer_of(town: Town, enrolment: Enrolment | None, day: date) -> tuple[str | None, str | None]:
    """Return who pays that day, or why nobody can be named."""
    if enrolment is None:
        return None, "enrolment_missing"
    names = sorted({p.payer for p in _named(enrolment, day)})
    if not names:
        return None, "payer_missing"
    if not is_shared(enrolment, day):
        return names[0], None
    payer = _who_has(town, day)
    if payer is None:
        return None, "custody_missing"
    return (payer, None) if payer in names else (None, "payer_missing")


def _who_has(town: Town, day: date) -> str | None:
    """Return the last exchange of the day, else the half of the holiday, else the fortnight's cycle."""
    exchanged = [payer for each, payer in town.child.exchanged if each == day]
    if exchanged and exchanged[-1] is not None:
        return exchanged[-1]
    return _by_half(town, day) or _by_cycle(town.child, day)


def _by_half(town: Town, day: date) -> str | None:
    """Days off school in a row are one holiday, named by the month it starts in; the middle day is the first's."""
    if day not in town.holidays:
        return None
    start = end = day
    while start - timedelta(days=1) in town.holidays:
        start -= timedelta(days=1)
    while end + timedelta(days=1) in town.holidays:
        end += timedelta(days=1)
    told = [each for each in town.child.halves if each.holiday == HOLIDAYS[start.month] and each.since <= day]
    if not told:
        return None
    halves = max(told, key=lambda each: (each.since, town.child.halves.index(each)))
    is_second = day - start > end - day
    if halves.alternates and (start.year - halves.year) % 2 == 1:
        is_second = not is_second
    return halves.payers[1] if is_second else halves.payers[0]


def _by_cycle(child: Child, day: date) -> str | None:
    calendars = [c for c in child.custody if c.since <= day]
    if not calendars:
        return None
    calendar = max(calendars, key=lambda c: c.since)
    place, walk = 0, calendar.anchor
    while walk < day:
        walk, place = walk + timedelta(days=1), (place + 1) % 14
    while walk > day:
        walk, place = walk - timedelta(days=1), (place - 1) % 14
    return calendar.payers[0] if calendar.pattern[place] == "1" else calendar.payers[1]
