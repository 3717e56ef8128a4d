"""When does a sighting of a badge begin a new presentation? Pure."""

from __future__ import annotations


class PresentationFilter:
    """Turns the many sightings of a held badge into one presentation.

    A badge is presented anew once it has been out of sight for ``hold_seconds``; each sighting prolongs the
    presentation. Other badges read in between do not end it, so two badges lying on a reader that sees
    them in turn are two presentations, not a stream.
    """

    def __init__(self, hold_seconds: float) -> None:
        self._hold_ns = round(hold_seconds * 1_000_000_000)
        self._seen_ns: dict[str, int] = {}

    def is_new(self, key: str, now_ns: int) -> bool:
        """Record a sighting of ``key`` and say whether it begins a presentation."""
        self._seen_ns = {k: seen for k, seen in self._seen_ns.items() if now_ns - seen < self._hold_ns}
        new = key not in self._seen_ns
        self._seen_ns[key] = now_ns
        return new
