"""Who pays for a child on a day, slowly (domain notes §3); imports nothing of Marelle."""

from __future__ import annotations

from datetime import date, timedelta

from tests.oracles.world import Child, EnrolledPayer, Enrolment


def is_shared(enrolment: Enrolment, day: date) -> bool:
    """Say whether custody decides who pays that day."""
    named = _named(enrolment, day)
    return len({p.payer for p in named}) > 1 or any(p.rule == "custody" for p in named)


def _named(enrolment: Enrolment, day: date) -> list[EnrolledPayer]:
    return [p for p in enrolment.payers if p.since <= day and (p.until is None or day < p.until)]


def payer_of(child: Child, enrolment: Enrolment | None, day: date) -> tuple[str | None, str | None]:
    """Return who pays that day, or why nobody can be named."""
    if enrolment is None:
        return None, "enrolment_missing"
    names = sorted({p.payer for p in _named(enrolment, day)})
    if not names:
        return None, "payer_missing"
    if not is_shared(enrolment, day):
        return names[0], None
    exchanged = [payer for each, payer in child.exchanged if each == day]
    if exchanged and exchanged[-1] is not None:
        return (exchanged[-1], None) if exchanged[-1] in names else (None, "payer_missing")
    calendars = [c for c in child.custody if c.since <= day]
    if not calendars:
        return None, "custody_missing"
    calendar = max(calendars, key=lambda c: c.since)
    place, walk = 0, calendar.anchor
    while walk < day:
        walk, place = walk + timedelta(days=1), (place + 1) % 14
    while walk > day:
        walk, place = walk - timedelta(days=1), (place - 1) % 14
    payer = calendar.payers[0] if calendar.pattern[place] == "1" else calendar.payers[1]
    return (payer, None) if payer in names else (None, "payer_missing")
