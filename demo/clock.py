"""The virtual clock of the demo: three months pass in seconds, and every row carries the right instant."""

from __future__ import annotations


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


class DriftingClock:
    """The clock of one terminal: a little wrong, and a little more each day; in µs UTC."""

    def __init__(self, truth: VirtualClock, error_micros: int, drift_ppm: float) -> None:
        self._truth = truth
        self._since = truth.now
        self._error = error_micros
        self._drift_ppm = drift_ppm

    def __call__(self) -> int:
        """Return what the terminal believes."""
        elapsed = self._truth.now - self._since
        return self._truth.now + self._error + int(elapsed * self._drift_ppm / 1_000_000)
