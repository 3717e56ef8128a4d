"""The clocks of the demo: three months pass in seconds, and every row carries the right instant."""

from __future__ import annotations

from dataclasses import dataclass


class VirtualClock:
    """A clock that only moves when told, and never backwards; in µs UTC."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the present instant of the demo."""
        return self.now

    def move_to(self, instant: int) -> None:
        """Move forward to an instant; an earlier one changes nothing."""
        self.now = max(self.now, instant)


@dataclass(frozen=True, slots=True)
class DriftingClock:
    """The wall clock of one terminal: `error_micros` wrong at `set_at`, then a little more each day."""

    truth: VirtualClock
    set_at: int
    error_micros: int
    drift_ppm: float

    def __call__(self) -> int:
        """Return what the terminal believes now."""
        return self.at(self.truth.now)

    def at(self, instant: int) -> int:
        """Return what the terminal believed at a true instant."""
        return instant + self.error_micros + int((instant - self.set_at) * self.drift_ppm / 1_000_000)
