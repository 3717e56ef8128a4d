"""Who taps what, where and when: drawn before anything runs, so that faults change nothing of it."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from domain.taps import Direction, TapKind
from domain.time import instant_at
from tests.simulation.week.clocks import MINUTE, SECOND
from tests.simulation.week.machine import Wish
from tests.simulation.week.town import (
    CANTEEN,
    EVENING,
    MONDAYS,
    NEW_BADGE_DAY,
    PLACES,
    UNKNOWN_BADGES,
    Place,
    new_badge,
)

BURST_MINUTES_MAX = 6
TAPS_MIN, TAPS_MAX = 20, 80
# Minutes of the local day: before class, noon, after class; the clock family looks round midnight and two o'clock.
_SCHOOL_MINUTES = (455, 470, 705, 1000, 1040)
_NIGHT_MINUTES = (1433, 1437, 0, 3, 117, 121, 178, 181)


@dataclass(frozen=True, slots=True)
class Burst:
    """A few minutes in which the terminals are used."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tap:
    """A wish of a person at a terminal (by number), at an instant."""

    at: int
    terminal: int
    wish: Wish


@dataclass(frozen=True, slots=True)
class Week:
    """All that people do."""

    start: int
    bursts: tuple[Burst, ...]
    taps: tuple[Tap, ...]

    @property
    def end(self) -> int:
        """The end of the burst that ends last; it is not always the one that begins last."""
        return max(burst.end for burst in self.bursts)


def draw_week(chance: random.Random, family: str, terminals: int) -> Week:
    """Draw the bursts and taps of a seed."""
    monday = chance.choice(MONDAYS)
    start = instant_at(monday, 330, PLACES[0].zone)
    bursts = _bursts(chance, family, monday, start)
    count = chance.randint(TAPS_MIN, TAPS_MAX)
    taps: list[Tap] = []
    while len(taps) < count:
        burst, terminal = chance.choice(bursts), chance.randrange(terminals)
        place = PLACES[terminal % 2]
        at = burst.start + chance.randrange(burst.end - burst.start)
        wish = _wish(chance, place, new_badge(monday))
        taps.append(Tap(at, terminal, wish))
        if chance.random() < 0.1:  # the same badge again, or another of the family at once
            again = replace(wish, screen=chance.randrange(2)) if chance.random() < 0.7 else _wish(chance, place, "")
            taps.append(Tap(at + chance.randint(0, 20 * SECOND), terminal, again))
    return Week(start, tuple(bursts), tuple(sorted(taps, key=lambda tap: tap.at)))


def _bursts(chance: random.Random, family: str, monday: date, start: int) -> list[Burst]:
    found: list[Burst] = []
    for _ in range(chance.randint(3, 6)):
        is_night = chance.random() < (0.75 if family == "clock" else 0.08)
        day = chance.randrange(7)
        if is_night and chance.random() < 0.5:
            day = chance.choice((NEW_BADGE_DAY - 1, NEW_BADGE_DAY, 5, 6))
        minute = chance.choice(_NIGHT_MINUTES if is_night else _SCHOOL_MINUTES)
        zone = chance.choice(PLACES).zone
        at = max(instant_at(monday + timedelta(days=day), minute, zone), start + MINUTE)
        found.append(Burst(at, at + chance.randint(2, BURST_MINUTES_MAX) * MINUTE))
    found.sort(key=lambda burst: burst.start)
    return found


def _wish(chance: random.Random, place: Place, fresh_badge: str) -> Wish:
    """Draw one gesture."""
    service = chance.choice((CANTEEN, EVENING, None, "inconnu"))
    wish = Wish(service_ref=service, screen=chance.randrange(2))
    draw = chance.random()
    if draw < 0.10:
        return replace(wish, badge_uid=chance.choice(UNKNOWN_BADGES))
    if draw < 0.25:
        children = tuple(chance.sample((*place.children, "enfant-inconnu"), chance.randint(1, 3)))
        return replace(wish, kind=TapKind.ROLL_CALL, children=children, direction=chance.choice(list(Direction)))
    if draw < 0.29:
        return replace(wish, kind=TapKind.ROLL_CALL, typed_name="Zoé, en visite", direction=Direction.ARRIVAL)
    if draw < 0.37:
        return Wish(kind=TapKind.UNDO, screen=wish.screen)
    if draw < 0.39:
        return replace(wish, badge_uid=chance.choice(place.badges), is_strange=True)
    if draw < 0.50 and fresh_badge:
        return replace(wish, badge_uid=fresh_badge)
    everybody = [badge for one in PLACES for badge in one.badges]
    badges = place.badges if chance.random() < 0.93 else everybody
    return replace(wish, badge_uid=chance.choice(list(badges)))
