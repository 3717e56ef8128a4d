"""What a grid may ask about a child on a day: zone, class, age, rank, booking; imports nothing of Marelle."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from tests.oracles.absences import is_billed
from tests.oracles.attendance import has_begun, planned_on, rule_on, situation_of, stays_on
from tests.oracles.quotients import income_of, qf_of
from tests.oracles.tariffs import Known
from tests.oracles.world import Booking, Child, Service, Town


def known_of(town: Town, service: Service, day: date, payer: str | None, rank_basis: str | None) -> Known:
    """Return what does not depend on the line: QF, income, zone, class, age, rank and the day itself."""
    child = town.child
    rule = rule_on(service, day)
    qf = qf_of(child, payer, day, rule) if payer is not None else None
    return Known(
        day,
        day_kind(town, day),
        qf=qf.value if qf else None,
        income=income_of(child, payer, day, rule) if payer is not None else None,
        residence=residence_of(town, payer, day),
        level=level_of(child, day),
        rank=rank_of(town, service, day, rank_basis),
        siblings=None if rank_basis is None else 1 + len(_others(town, service, day, rank_basis)),
        age=None if child.born is None else months_of(child.born, day),
    )


def day_kind(town: Town, day: date) -> str:
    """Name the day as the legal definition of périscolaire and extrascolaire does (CAF notes §2.1)."""
    if day.weekday() >= 5:
        return "weekend"
    first, after = town.school_year
    if town.special_days.get(day) in ("school_holiday", "bridge") or not first <= day < after:
        return "holiday"
    return "wednesday" if day.weekday() == 2 else "school_day"


def residence_of(town: Town, payer: str | None, day: date) -> str | None:
    """Return the zone of the payer's own address, else of the file's; None when neither is known."""
    for owner in (payer, None):
        homes = [home for home in town.child.homes if home.payer == owner and home.since <= day]
        if homes:
            commune = key(max(homes, key=lambda home: home.since).commune)
            zones = [zone for zone in town.zones if key(zone.commune) == commune and zone.since <= day]
            return max(zones, key=lambda zone: zone.since).code if zones else "outside"
    return None


def key(name: str) -> str:
    """Return a name without accents, case, hyphens or apostrophes."""
    letters = unicodedata.normalize("NFD", name)
    plain = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join(plain.upper().split())


def level_of(child: Child, day: date) -> str | None:
    """Return the level of the class of that day."""
    begun = [(since, level) for since, level in child.levels if since <= day]
    return max(begun)[1] if begun else None


def months_of(born: date, day: date) -> int:
    """Count the whole months of age one by one."""
    months, year, month = -1, born.year, born.month
    while (year, month, born.day) <= (day.year, day.month, day.day):
        months += 1
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return months


def rank_of(town: Town, service: Service, day: date, basis: str | None) -> int | None:
    """Return the place of the child among those of the file that count, the eldest first; None when unknown."""
    if basis is None:
        return None
    me = town.child
    others = _others(town, service, day, basis)
    if not others:
        return 1
    ages: list[tuple[date, str]] = []
    for child in [me, *others]:
        if child.born is None:
            return None
        ages.append((child.born, child.ref))
    return sorted(ages).index((ages[0][0], me.ref)) + 1


def _others(town: Town, service: Service, day: date, basis: str) -> list[Child]:
    me = town.child
    return [view.child for view in town.views() if view.child.ref != me.ref and _counts(view, service, day, basis)]


def _counts(view: Town, service: Service, day: date, basis: str) -> bool:
    if basis == "household":
        return True
    if basis == "enrolled":
        return any(
            enrolment.service == service.ref
            and enrolment.since <= day
            and (enrolment.until is None or day < enrolment.until)
            for enrolment in view.child.enrolments
        )
    return has_something_due(view, service, day)


def has_something_due(town: Town, service: Service, day: date) -> bool:
    """Say whether a child has an ordinary line of the service that day, and one that counts."""
    if not has_begun(service, day) or not rule_on(service, day).priced:
        return False
    planned, stays = planned_on(town, service, day), stays_on(town, service, day)
    situation = situation_of(town, service, day, planned, stays)
    if situation is None or (not stays and rule_on(service, day).basis != "booking"):
        return False
    return is_billed(town, service, day, situation)


def booking_of(child: Child, service: str, day: date) -> Booking | None:
    """Return the booking of a single day that stands, None when only the weekly pattern speaks."""
    words: Sequence[Booking] = [each for each in child.bookings if each.service == service and each.day == day]
    plans = [each for each in words if each.action not in ("wait", "absence")]
    return plans[-1] if plans and plans[-1].action in ("book", "accept") else None


def lead_of(town: Town, service: Service, booking: Booking | None) -> int | None:
    """Return the whole minutes between the receipt of a booking and the start of the slot."""
    if booking is None:
        return None
    start = datetime.combine(booking.day, datetime.min.time())
    start += timedelta(minutes=rule_on(service, booking.day).slot[0])
    return int((start - booking.received).total_seconds() // 60)
