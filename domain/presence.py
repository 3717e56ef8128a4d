"""Who is inside: the pure fold from taps to stays of one child at one service on one day.

Needed offline on the terminal and live on the dashboards; the warehouse computes the same in SQL
(`int_attendance__stays`) and a property test holds the two together on random days.

The rule (domain notes §6; docs/adr/0004):

1. A tap taken back by an undo does not count; an undo cannot be undone.
2. Inside one epoch the order is `seq`; between epochs it is the corrected time.
3. A badge read within `anti_bounce_seconds` of the tap just before it is a repeat.
4. Otherwise a badge turns the state over (order decides, not the button), a roll call states it. Where the
   service needs no departure, every tap states presence.
5. outside→inside opens a stay, inside→outside closes it, no change is a repeat. A departure stated for a child
   who has no stay yet makes a stay whose arrival is unknown. An open stay stays open: nothing is invented here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.taps import Direction, TapKind
from domain.time import MICROS_PER_SECOND


@dataclass(frozen=True, slots=True)
class PresenceTap:
    """A tap already resolved to one child, service and day; `occurred_at` is the corrected instant in µs."""

    tap_id: str
    epoch: str
    seq: int
    kind: TapKind
    occurred_at: int
    direction: Direction | None = None
    undoes: str | None = None


@dataclass(frozen=True, slots=True)
class PresenceRule:
    """The two parameters of a service that the fold needs."""

    anti_bounce_seconds: int
    needs_departure: bool


@dataclass(frozen=True, slots=True)
class Stay:
    """One arrival-to-departure; a missing tap means that end is not known."""

    number: int
    arrival: PresenceTap | None
    departure: PresenceTap | None

    @property
    def is_open(self) -> bool:
        """True while no departure is known."""
        return self.departure is None


@dataclass(frozen=True, slots=True)
class Presence:
    """The outcome of a day: stays in order, and the taps that changed nothing, by id."""

    stays: tuple[Stay, ...] = ()
    repeats: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()

    @property
    def is_inside(self) -> bool:
        """True when the last stay has no departure (meaningful where the service needs one)."""
        return bool(self.stays) and self.stays[-1].is_open


def stays_from_taps(taps: Iterable[PresenceTap], rule: PresenceRule) -> Presence:
    """Fold the taps of one child × service × day, in any order, into stays."""
    everything = list(taps)
    targets = {tap.undoes for tap in everything if tap.kind is TapKind.UNDO}
    gestures = [tap for tap in everything if tap.kind is not TapKind.UNDO]
    undone = tuple(sorted(tap.tap_id for tap in gestures if tap.tap_id in targets))
    stays: list[Stay] = []
    repeats: list[str] = []
    previous: int | None = None
    for tap, at in _ordered([tap for tap in gestures if tap.tap_id not in targets]):
        bounced = (
            tap.kind is TapKind.BADGE
            and previous is not None
            and at - previous < rule.anti_bounce_seconds * MICROS_PER_SECOND
        )
        previous = at
        if bounced or not _apply(tap, stays, rule):
            repeats.append(tap.tap_id)
    return Presence(tuple(stays), tuple(repeats), undone)


def _ordered(taps: list[PresenceTap]) -> list[tuple[PresenceTap, int]]:
    """Return taps with their ordering instant: inside an epoch it never goes back, so `seq` decides there."""
    latest: dict[str, int] = {}
    timed: list[tuple[PresenceTap, int]] = []
    for tap in sorted(taps, key=lambda t: (t.epoch, t.seq)):
        latest[tap.epoch] = max(latest.get(tap.epoch, tap.occurred_at), tap.occurred_at)
        timed.append((tap, latest[tap.epoch]))
    return sorted(timed, key=lambda pair: (pair[1], pair[0].epoch, pair[0].seq))


def _apply(tap: PresenceTap, stays: list[Stay], rule: PresenceRule) -> bool:
    """Open or close a stay for one tap; False when the tap changes nothing."""
    inside = bool(stays) and stays[-1].is_open
    if not rule.needs_departure:
        becomes_inside = True
    elif tap.kind is TapKind.ROLL_CALL:
        becomes_inside = tap.direction is not Direction.DEPARTURE
    else:
        becomes_inside = not inside
    if becomes_inside and not inside:
        stays.append(Stay(len(stays) + 1, tap, None))
        return True
    if inside and not becomes_inside:
        stays[-1] = Stay(stays[-1].number, stays[-1].arrival, tap)
        return True
    if not inside and not becomes_inside and not stays:
        stays.append(Stay(1, None, tap))
        return True
    return False
