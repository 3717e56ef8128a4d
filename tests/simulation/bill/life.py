"""What the people of one world do in the week: drawn before anything runs, the same for both twins.

A gesture falls in the last quarter of its minute: it may be repeated a few seconds later, and a clock that was set
by an answer of thirty seconds ago may be as much behind, without leaving the minute that a bill rests on.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from domain.taps import Direction, TapKind
from domain.time import instant_at
from tests.simulation.bill.town import (
    BARE,
    CANTEEN,
    DAYCARE,
    EVENING,
    INFANTS,
    MONDAY,
    MORNING,
    PUPILS,
    STRANGER,
    WEDNESDAY,
    child_ref,
)
from tests.simulation.week.clocks import SECOND
from tests.simulation.week.machine import Wish
from tests.simulation.week.workload import Burst, Week

ZONE = "Europe/Paris"
GATE, TABLET, CENTRE_GATE, NURSERY_TABLET = range(4)  # the terminals, as they stand in `town.DEVICES`
TERMINALS = 4
_FROM_SECOND, _TO_SECOND = 45, 48
_DOUBLE_TAP, _UNDO_AFTER = 4 * SECOND, 65 * SECOND
# Local minutes in which the terminals are used: (from, to).
_SCHOOL_BURSTS = ((465, 472), (712, 716), (992, 997), (1032, 1036), (1077, 1083), (1108, 1113))
_WEDNESDAY_BURSTS = ((468, 474), (722, 726), (808, 812), (1032, 1037), (1092, 1098))


@dataclass(frozen=True, slots=True)
class Act:
    """One gesture that somebody wants recorded: for whom, for which service, on which day."""

    number: int
    at: int
    terminal: int
    wish: Wish
    children: tuple[int, ...]
    service: str
    day: date
    takes_back: int | None = None  # the number of the act


@dataclass(frozen=True, slots=True)
class Life:
    """The week of a world: its bursts and what is done in them, in the order of time."""

    week: Week
    acts: tuple[Act, ...]


def draw_life(seed: str) -> Life:
    """Draw a world's week: a school day and the Wednesday."""
    chance = random.Random(f"{seed}/life")
    weekdays = sorted((2, chance.choice((0, 1, 3, 4))))
    bursts, acts = [], []
    for weekday in weekdays:
        day = MONDAY + timedelta(days=weekday)
        minutes = _WEDNESDAY_BURSTS if weekday == 2 else _SCHOOL_BURSTS
        bursts += [Burst(instant_at(day, start, ZONE), instant_at(day, end, ZONE)) for start, end in minutes]
        acts += list(_Day(chance, day, minutes).acts(weekday == 2))
    start = instant_at(MONDAY + timedelta(days=weekdays[0]), 440, ZONE)
    return Life(Week(start, tuple(bursts), ()), tuple(_numbered(acts, chance)))


def _numbered(acts: list[Act], chance: random.Random) -> Iterator[Act]:
    """Yield the acts in the order of time; now and then one is taken back a minute later."""
    wanted = sorted(acts, key=lambda act: (act.at, act.terminal, act.children))
    for number, act in enumerate(wanted):
        yield replace(act, number=number)
    for number, act in enumerate(wanted):
        if chance.random() < 0.06:
            wish = Wish(kind=TapKind.UNDO)
            yield replace(act, number=len(wanted) + number, at=act.at + _UNDO_AFTER, wish=wish, takes_back=number)


@dataclass
class _Day:
    chance: random.Random
    day: date
    minutes: tuple[tuple[int, int], ...]

    def acts(self, is_wednesday: bool) -> Iterator[Act]:
        """Yield what is done on the day."""
        for child in INFANTS:
            yield from self._nursery(child)
        if is_wednesday:
            for child in PUPILS:
                yield from self._centre(child)
        else:
            yield from self._school()
        if self._often(0.5):
            terminal = CENTRE_GATE if is_wednesday else GATE
            wish = Wish(badge_uid=BARE.badge(STRANGER))
            yield self._act(self._instant(0), terminal, wish, (), WEDNESDAY if is_wednesday else EVENING)

    def _often(self, share: float) -> bool:
        return self.chance.random() < share

    def _instant(self, burst: int) -> int:
        start, end = self.minutes[burst]
        minute = self.chance.randrange(start, end)
        return instant_at(self.day, minute, ZONE) + self.chance.randint(_FROM_SECOND, _TO_SECOND) * SECOND

    def _act(self, at: int, terminal: int, wish: Wish, children: tuple[int, ...], service: str) -> Act:
        return Act(0, at, terminal, replace(wish, screen=self.chance.randrange(2)), children, service, self.day)

    def _badge(self, burst: int, terminal: int, child: int, service: str) -> Iterator[Act]:
        """A badge, the service told by the terminal or not; some tap twice."""
        at, told = self._instant(burst), service if self._often(0.7) else None
        wish = Wish(badge_uid=BARE.badge(child), service_ref=told)
        yield self._act(at, terminal, wish, (child,), service)
        if self._often(0.15):
            yield self._act(at + _DOUBLE_TAP, terminal, wish, (child,), service)

    def _call(self, burst: int, terminal: int, children: tuple[int, ...], service: str, to: Direction) -> Act:
        refs = tuple(child_ref(child) for child in children)
        wish = Wish(kind=TapKind.ROLL_CALL, children=refs, service_ref=service, direction=to)
        return self._act(self._instant(burst), terminal, wish, children, service)

    def _school(self) -> Iterator[Act]:
        for child in PUPILS:
            if self._often(0.5):
                yield from self._badge(0, GATE, child, MORNING)
        eaters = tuple(child for child in PUPILS if self._often(0.8))
        if eaters:
            yield self._call(1, TABLET, eaters, CANTEEN, Direction.ARRIVAL)
        if self._often(0.2):
            wish = Wish(kind=TapKind.ROLL_CALL, typed_name="Zoé, en visite", service_ref=CANTEEN)
            yield self._act(self._instant(1), TABLET, replace(wish, direction=Direction.ARRIVAL), (), CANTEEN)
        for child in PUPILS:
            if self._often(0.7):
                yield from self._evening(child)

    def _evening(self, child: int) -> Iterator[Act]:
        """An evening: some are called by hand, some come back, some leave late or without a word."""
        yield from self._badge(2, GATE, child, EVENING)
        if self._often(0.1):
            yield from self._badge(3, GATE, child, EVENING)
            yield from self._badge(4, GATE, child, EVENING)
        if self._often(0.2):
            yield self._call(5, TABLET, (child,), EVENING, Direction.DEPARTURE)
        elif self._often(0.9):
            yield from self._badge(5, GATE, child, EVENING)

    def _centre(self, child: int) -> Iterator[Act]:
        if not self._often(0.8):
            return
        yield from self._badge(0, CENTRE_GATE, child, WEDNESDAY)
        if self._often(0.3):
            yield from self._badge(1, CENTRE_GATE, child, WEDNESDAY)
            yield from self._badge(2, CENTRE_GATE, child, WEDNESDAY)
        if self._often(0.9):
            yield from self._badge(self.chance.choice((3, 4)), CENTRE_GATE, child, WEDNESDAY)

    def _nursery(self, child: int) -> Iterator[Act]:
        if self._often(0.7):
            yield self._call(0, NURSERY_TABLET, (child,), DAYCARE, Direction.ARRIVAL)
            if self._often(0.9):
                yield self._call(self.chance.choice((2, 3)), NURSERY_TABLET, (child,), DAYCARE, Direction.DEPARTURE)
