"""Which service a moment belongs to at a place: needed on the terminal, and by the ingest when none was claimed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """The opening of a service on one day, in local minutes, half-open; `grace_minutes` on both sides."""

    service_ref: str
    start_minute: int
    end_minute: int
    grace_minutes: int

    def distance(self, minute: int) -> int:
        """Return 0 inside the slot, else the number of minutes to its nearer edge."""
        if minute < self.start_minute:
            return self.start_minute - minute
        return max(0, minute - self.end_minute + 1) if minute >= self.end_minute else 0


def service_at(slots: Iterable[Slot], minute: int) -> str | None:
    """Return the service whose slot holds the minute, else the nearest within its grace, else None.

    Ties go to the slot that begins later: before a slot opens, people are arriving for it.
    """
    near = [(slot.distance(minute), -slot.start_minute, slot.service_ref) for slot in slots
            if slot.distance(minute) <= slot.grace_minutes]  # fmt: skip
    return min(near)[2] if near else None
