"""What the supervisor needs from a driver: connect, wait for events, disconnect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from device_drivers.reader import ReaderStatus


@dataclass(frozen=True, slots=True)
class Sighting:
    """A badge was seen, intact and acceptable."""

    uid: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something was read that must not become a badge."""

    reason: str  # French, for staff
    # Sightings of one held badge share a key and count once; empty: each refusal counts (frames).
    hold_key: str = ""


LinkEvent = Sighting | Refusal


class LinkDownError(Exception):
    """The link cannot be made, or was lost: the status to show and, in French, what to do."""

    def __init__(self, status: ReaderStatus, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(detail)


class Link(Protocol):
    """One driver's way to its hardware. Used by one thread at a time."""

    technology: str  # goes into BadgeRead.technology
    pause_seconds: float  # least time between two waits, for links that question their chip

    def connect(self) -> None:
        """Reach the hardware; raises LinkDownError."""
        ...

    def wait_events(self, timeout_seconds: float) -> Sequence[LinkEvent]:
        """Wait for what the hardware saw, up to about ``timeout_seconds``; raises LinkDownError."""
        ...

    def disconnect(self) -> None:
        """Let go of the hardware, dead or alive. Never raises; idempotent."""
        ...
