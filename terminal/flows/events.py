"""What happens to the terminal, and what it asks its surroundings to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.wire.v1 import TapV1
from terminal.outbox.drafts import Counts, TapDraft
from terminal.outbox.sync_state import SyncState
from terminal.roster.book import RosterBook


class Purpose(StrEnum):
    """Why taps are kept: decides the screen shown once they are durable, or refused."""

    BADGE = "badge"
    UNDO = "undo"
    CHILD = "child"
    NAME = "name"
    ROLL = "roll"


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passes; sent about once a second."""


@dataclass(frozen=True, slots=True)
class BadgeSeen:
    """A reader read a badge."""

    uid: str


@dataclass(frozen=True, slots=True)
class Chose:
    """A person touched a control."""

    action: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The taps are durable in both places: only now may a screen turn green (P1)."""

    taps: tuple[TapV1, ...]
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class NotKept:
    """The disk refused: nothing of this gesture is recorded."""

    support_code: str
    message: str
    purpose: Purpose
    drafts: tuple[TapDraft, ...]


@dataclass(frozen=True, slots=True)
class OutboxSeen:
    """What the outbox holds now; `taps` are those of today kept since the last look, by any screen process."""

    sync: SyncState
    counts: Counts
    taps: tuple[TapV1, ...] = ()
    recovery: tuple[str, ...] = ()
    room: str = "free"
    enrolment_error: str = ""


@dataclass(frozen=True, slots=True)
class RosterSeen:
    """A newer roster was stored, or wiped."""

    roster: RosterBook | None


@dataclass(frozen=True, slots=True)
class ReaderSeen:
    """The reader's state, in French; `ready` when a badge would be read."""

    ready: bool
    detail: str
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class CodeChecked:
    """The agent behind a code, or none."""

    agent_ref: str | None


Event = Tick | BadgeSeen | Chose | Kept | NotKept | OutboxSeen | RosterSeen | ReaderSeen | CodeChecked


@dataclass(frozen=True, slots=True)
class Keep:
    """Make these taps durable, all or none."""

    drafts: tuple[TapDraft, ...]
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class CheckCode:
    """Find the agent with this code (slow on purpose, so not done here)."""

    code: str


@dataclass(frozen=True, slots=True)
class AskEnrolment:
    """Hand a one-time code to the sync process."""

    code: str


@dataclass(frozen=True, slots=True)
class Sound:
    """One high tone for saved, two low ones for not saved; never the only signal."""

    saved: bool


@dataclass(frozen=True, slots=True)
class PresentBadge:
    """Present a badge to the simulated reader."""

    uid: str


@dataclass(frozen=True, slots=True)
class OfferParked:
    """Offer the server once more what it could not read."""


Effect = OfferParked | Keep | CheckCode | AskEnrolment | Sound | PresentBadge
