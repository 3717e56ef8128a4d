"""Who is here today, as far as this terminal knows: the presence fold over its own taps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.presence import Presence, PresenceRule, PresenceTap, stays_from_taps
from domain.taps import TapKind
from domain.wire.v1 import ChildV1, ServiceV1, TapV1

_NO_SERVICE = PresenceRule(anti_bounce_seconds=0, needs_departure=False)


def instant_of(tap: TapV1) -> int:
    """Return the best estimate of when a tap happened, in µs UTC."""
    return tap.occurred_at + (tap.clock_offset_ms or 0) * 1000


@dataclass(frozen=True, slots=True)
class DayBook:
    """Today's taps of this terminal by id, in the order they were kept."""

    taps: dict[str, TapV1] = field(default_factory=dict)

    def with_taps(self, taps: Iterable[TapV1], since: int = 0) -> DayBook:
        """Return the book with more taps and without those before an instant; one already there stays once."""
        grown = {**self.taps, **{tap.tap_id: tap for tap in taps}}
        return DayBook({tap_id: tap for tap_id, tap in grown.items() if instant_of(tap) >= since})

    def presence(self, child: ChildV1, service: ServiceV1 | None) -> Presence:
        """Return the stays of a child at a service today (domain.presence)."""
        gestures = [tap for tap in self.taps.values() if _is_of(tap, child, service)]
        ids = {tap.tap_id for tap in gestures}
        undos = [tap for tap in self.taps.values() if tap.kind is TapKind.UNDO and tap.undoes in ids]
        rule = (
            _NO_SERVICE if service is None else PresenceRule(service.anti_bounce_seconds, service.needs_departure)
        )
        return stays_from_taps([_presence_tap(tap) for tap in (*gestures, *undos)], rule)

    def typed_names(self, service: ServiceV1) -> list[TapV1]:
        """Return the presences without a file that nobody took back."""
        undone = {tap.undoes for tap in self.taps.values() if tap.kind is TapKind.UNDO}
        return [
            tap
            for tap in self.taps.values()
            if tap.typed_name is not None and tap.tap_id not in undone and tap.service_ref == service.service_ref
        ]


def _is_of(tap: TapV1, child: ChildV1, service: ServiceV1 | None) -> bool:
    if tap.kind is TapKind.UNDO or tap.service_ref != (service.service_ref if service else None):
        return False
    return tap.child_ref == child.child_ref or (tap.badge_uid is not None and tap.badge_uid in child.badges)


def _presence_tap(tap: TapV1) -> PresenceTap:
    return PresenceTap(tap.tap_id, tap.epoch, tap.seq, tap.kind, instant_of(tap), tap.direction, tap.undoes)
