"""Who waits for a day, in order (domain notes §5): read from the bookings themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import Booking, Person
from records.operations.merged import kept_ids
from records.operations.place_days import Wanted

WAIT = "wait"


@dataclass(slots=True)
class Waiter:
    """Somebody waiting: what they want, how it reached us, and the booking that gave them their rank."""

    wanted: Wanted
    channel: str
    received_on: date
    received_minute: int | None
    is_late: bool
    batch_ref: str | None
    since_id: int


def waited_days(session: Session, structure_id: int, first_day: date, last_day: date) -> list[date]:
    """Return the days of a structure, both included, for which somebody has ever waited, in order."""
    days = select(Booking.day).where(
        Booking.structure_id == structure_id, Booking.action == WAIT, Booking.day.between(first_day, last_day)
    )
    return list(session.scalars(days.distinct().order_by(Booking.day)))


def waiters(session: Session, structure_id: int, day: date) -> list[Waiter]:
    """Return those whose last word on a day at a structure is « wait », in every service, the first one first.

    The rank comes from the first « wait » since they last had or gave up the place: asking again keeps it.
    """
    kept = kept_ids(session, Person)
    rows = session.scalars(
        select(Booking).where(Booking.structure_id == structure_id, Booking.day == day).order_by(Booking.id)
    )
    found: dict[tuple[int, int], Waiter] = {}
    for row in rows:
        key = (kept.of(row.person_id), row.service_id)
        if row.action != WAIT:
            found.pop(key, None)
            continue
        since_id = found[key].since_id if key in found else row.id
        wanted = Wanted(kept.of(row.person_id), row.service_id, day, row.formula, row.start_minute, row.end_minute)
        received = (row.received_on, row.received_minute, row.is_late)
        found[key] = Waiter(wanted, row.channel, *received, row.batch_ref, since_id)
    return sorted(found.values(), key=lambda each: each.since_id)
