"""What people saw on the screens and what travelled: written by the simulation, read by the checkers."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from domain.wire.v1 import TapV1
from terminal.outbox import TapDraft


@dataclass(frozen=True, slots=True)
class Gesture:
    """One tap that a screen showed green: `number` is its place in true time, `body` what was frozen."""

    number: int
    terminal: str
    home: str
    true_at: int
    tap: TapV1
    body: bytes
    is_strange: bool  # made by a newer release: this server cannot read it

    @property
    def content_hash(self) -> str:
        """The SHA-256 of the body: what the server calls its payload hash."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(slots=True)
class Ledger:
    """Green, red and neither; and what each terminal heard from the server."""

    greens: list[Gesture] = field(default_factory=list)
    reds: set[str] = field(default_factory=set)  # every identity given out for a gesture that showed red
    unseen: dict[str, list[TapDraft]] = field(default_factory=dict)  # by identity: the power went before any colour
    heard: dict[str, dict[str, int]] = field(default_factory=dict)  # home → tap id → when it first heard « held »
    met: dict[str, int] = field(default_factory=dict)  # home → when it last heard its state from the server
    boots_met: dict[tuple[str, str], int] = field(default_factory=dict)  # (home, boot) → its first meeting
    destroyed: set[str] = field(default_factory=set)  # content hashes of greens whose only home people wiped
    revocations: list[tuple[int, str, bool]] = field(default_factory=list)  # (instant, device, is revoked)
    figures: Counter[str] = field(default_factory=Counter)
    last: int = 0

    def number(self) -> int:
        """Return the next place in true time."""
        self.last += 1
        return self.last

    def green(self, gesture: Gesture) -> None:
        """A screen turned green."""
        self.greens.append(gesture)

    def hear(self, home: str, tap_ids: set[str], at: int) -> None:
        """The server told a terminal that it holds these."""
        known = self.heard.setdefault(home, {})
        known.update(dict.fromkeys(tap_ids - known.keys(), at))

    def was_revoked(self, device_ref: str, instant: int) -> bool:
        """Say whether a device was revoked at an instant."""
        found = False
        for since, ref, is_revoked in self.revocations:
            if ref == device_ref and since <= instant:
                found = is_revoked
        return found
