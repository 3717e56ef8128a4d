"""The three months in order: what is booked, tapped, sent and decided, each at its instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from demo.decisions import PlannedDecision
from demo.gestures import Gesture
from demo.kitchen_orders import OrdersPlaced, orders_placed
from demo.life import PlannedBooking
from demo.plan import TownPlan
from demo.scenes import Scene
from domain.time import MICROS_PER_MINUTE, MICROS_PER_SECOND, instant_at, local_day

SEND_EVERY_MINUTES = 45
SEND_DELAY_SECONDS = 20
WAKE_SECONDS_BEFORE = 90
OFFLINE_DEVICE = "borne-vieux-moulin"
OFFLINE_DAYS = 2
BOOKINGS_MINUTE = 7 * 60 + 50


@dataclass(frozen=True, slots=True)
class TapsSent:
    """Gestures of one terminal since its last sending, and the sending itself at `at`; offline nothing is sent."""

    at: int
    device: str
    gestures: tuple[Gesture, ...]
    is_offline: bool


@dataclass(frozen=True, slots=True)
class TerminalWakes:
    """A terminal meets the server before its first gesture of a day, and learns the time."""

    at: int
    device: str
    is_offline: bool


@dataclass(frozen=True, slots=True)
class BookingsReceived:
    """What families asked for on one day, recorded at `at`."""

    at: int
    bookings: tuple[PlannedBooking, ...]


@dataclass(frozen=True, slots=True)
class DecisionsTaken:
    """What the coordinator settled in one sitting."""

    at: int
    decisions: tuple[PlannedDecision, ...]


Event = TerminalWakes | TapsSent | BookingsReceived | DecisionsTaken | OrdersPlaced | Scene


def timeline(plan: TownPlan, scenes: Iterable[Scene] = ()) -> list[Event]:
    """Return every event of the plan and what offices do, in the order of time."""
    events: list[Event] = [*_bookings(plan), *_sendings(plan), *_decisions(plan), *orders_placed(plan), *scenes]
    return sorted(events, key=lambda event: event.at)


def offline_days(plan: TownPlan) -> frozenset[date]:
    """Return the two school days in the middle of the period when one terminal has no network."""
    days = [day for day in plan.scope.period.days if day.weekday() in (0, 1, 3)]
    pairs = [day for day in days if day + timedelta(days=1) in plan.scope.period.days and day.weekday() in (0, 3)]
    if not pairs:
        return frozenset()
    first = pairs[len(pairs) // 2]
    return frozenset(first + timedelta(days=n) for n in range(OFFLINE_DAYS))


def _bookings(plan: TownPlan) -> Iterator[BookingsReceived]:
    by_day = defaultdict(list)
    for life in plan.lives:
        for booking in life.bookings:
            by_day[booking.received_on].append(booking)
    for day, bookings in sorted(by_day.items()):
        ordered = sorted(bookings, key=lambda each: (each.day, each.person_ref, each.service))
        yield BookingsReceived(instant_at(day, BOOKINGS_MINUTE, plan.scope.town.timezone), tuple(ordered))


def _sendings(plan: TownPlan) -> Iterator[TerminalWakes | TapsSent]:
    zone, cut = plan.scope.town.timezone, offline_days(plan)
    by_device = defaultdict(list)
    for gesture in plan.gestures.all:
        by_device[gesture.device].append(gesture)
    for device, gestures in sorted(by_device.items()):
        awake: date | None = None
        for _slice, part in groupby(gestures, key=lambda g: g.at // (SEND_EVERY_MINUTES * MICROS_PER_MINUTE)):
            taps = tuple(part)
            day = local_day(taps[0].at, zone)
            is_offline = device == OFFLINE_DEVICE and day in cut
            if day != awake:
                awake = day
                yield TerminalWakes(taps[0].at - WAKE_SECONDS_BEFORE * MICROS_PER_SECOND, device, is_offline)
            yield TapsSent(taps[-1].at + SEND_DELAY_SECONDS * MICROS_PER_SECOND, device, taps, is_offline)


def _decisions(plan: TownPlan) -> Iterator[DecisionsTaken]:
    zone = plan.scope.town.timezone
    for _day, part in groupby(plan.decisions, key=lambda decision: local_day(decision.at, zone)):
        decisions = tuple(part)
        yield DecisionsTaken(decisions[-1].at, decisions)
