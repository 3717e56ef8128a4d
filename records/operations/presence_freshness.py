"""How fresh « Présents maintenant » is: the terminals heard lately, and the days that have something to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.time import MICROS_PER_MINUTE, instant_at, local_day
from records.actors import Actor, Right
from records.database import Records
from records.models import Device, DeviceStatus, Structure, Tap
from records.operations.registry import Scope, operation
from records.operations.schedule import service_days

# A terminal that works says something at least this often, taps or not.
HEARD_MINUTES = 15


@dataclass(frozen=True, slots=True)
class TerminalsHeard:
    """The enrolled terminals of the actor's places: how many, how many heard lately, and the silent ones."""

    total: int
    heard: int
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PresenceDays:
    """The days that can be shown, latest first, and the one to begin with."""

    days: tuple[date, ...]
    default: date


@operation(Right.SEE_PRESENCE, Scope.CLASS)
def terminals_heard(records: Records, actor: Actor, now: int) -> TerminalsHeard:
    """Return which terminals were heard in the last quarter of an hour before `now` (µs UTC)."""
    with records.read() as session:
        found = session.execute(
            select(Device.label, DeviceStatus.last_seen_at)
            .outerjoin(DeviceStatus, DeviceStatus.device_id == Device.id)
            .where(
                Device.enrolled_at.is_not(None),
                Device.revoked_at.is_(None),
                Device.structure_id.in_(_places(session, actor)),
            )
            .order_by(Device.label)
        ).all()
    limit = now - HEARD_MINUTES * MICROS_PER_MINUTE
    silent = tuple(label for label, last_seen_at in found if last_seen_at is None or last_seen_at < limit)
    return TerminalsHeard(len(found), len(found) - len(silent), silent)


@operation(Right.SEE_PRESENCE, Scope.CLASS)
def presence_days(records: Records, actor: Actor, today: date, days_back: int) -> PresenceDays:
    """Return the days of service of the actor's places, up to today, and those with a tap.

    The default is today when a service opens or somebody tapped, else the last day with taps.
    """
    first = today - timedelta(days=days_back)
    with records.read() as session:
        places = _places(session, actor)
        opened = {each.day for each in service_days(session, first, today) if each.structure_id in places}
        tapped = _last_tap_day(session, places, today)
    days = opened | ({tapped} if tapped is not None else set())
    default = today if today in days else tapped or max(days, default=today)
    return PresenceDays(tuple(sorted(days | {today}, reverse=True)), default)


def _places(session: Session, actor: Actor) -> set[int]:
    """Return the places that the actor sees, whole or through a class of their own."""
    allowed = actor.structures_with(Right.SEE_PRESENCE)
    places = set(session.scalars(select(Structure.id)))
    taught = {each.structure_id for each in actor.classes_with(Right.SEE_PRESENCE)}
    return places if allowed is None else places & (allowed | taught)


def _last_tap_day(session: Session, places: set[int], today: date) -> date | None:
    """Return the local day of the last tap at the places, tomorrow's impossible ones left out."""
    zones = dict(session.execute(select(Structure.id, Structure.timezone).where(Structure.id.in_(places))).all())
    days = []
    for structure_id, zone in zones.items():
        last = session.scalar(
            select(Tap.occurred_at_corrected)
            .join(Device, Device.id == Tap.device_id)
            .where(
                Device.structure_id == structure_id,
                Tap.occurred_at_corrected < instant_at(today + timedelta(days=1), 0, zone),
            )
            .order_by(Tap.occurred_at_corrected.desc())
            .limit(1)
        )
        if last is not None:
            days.append(local_day(last, zone))
    return max(days, default=None)
