"""What the outbox takes and gives: drafts without identity, kept taps, and the refusal to show green."""

from __future__ import annotations

import json
from dataclasses import dataclass

from domain.errors import MarelleError
from domain.taps import Direction, TapKind
from domain.wire.v1 import TapV1


@dataclass(frozen=True, slots=True)
class Moment:
    """When a gesture happened, as the terminal knows it (reliability notes, P6): time is evidence, not truth.

    `wall` is the machine's clock in µs UTC, never before 1970; `mono_ms` counts since the boot `boot_id`;
    `offset_ms` is server minus wall, as last known, `offset_age_ms` ago.
    """

    wall: int
    mono_ms: int
    boot_id: str
    offset_ms: int | None = None
    offset_age_ms: int | None = None
    plausible: bool = True

    @property
    def now(self) -> int:
        """The best estimate of the true instant, in µs UTC."""
        return self.wall + (self.offset_ms or 0) * 1000


@dataclass(frozen=True, slots=True)
class TapDraft:
    """A gesture before it has an identity; the same fields as `TapV1`, the instant as one `Moment`."""

    kind: TapKind
    moment: Moment
    badge_uid: str | None = None
    child_ref: str | None = None
    typed_name: str | None = None
    undoes: str | None = None
    service_ref: str | None = None
    class_ref: str | None = None
    direction: Direction | None = None
    agent_ref: str | None = None

    def with_identity(self, tap_id: str, epoch: str, seq: int) -> TapV1:
        """Return the wire tap; raises pydantic.ValidationError for a draft that says nothing or too much."""
        return TapV1(
            tap_id=tap_id,
            epoch=epoch,
            seq=seq,
            kind=self.kind,
            badge_uid=self.badge_uid,
            child_ref=self.child_ref,
            typed_name=self.typed_name,
            undoes=self.undoes,
            service_ref=self.service_ref,
            class_ref=self.class_ref,
            direction=self.direction,
            agent_ref=self.agent_ref,
            occurred_at=self.moment.wall,
            mono_ms=self.moment.mono_ms,
            boot_id=self.moment.boot_id,
            clock_offset_ms=self.moment.offset_ms,
            clock_offset_age_ms=self.moment.offset_age_ms,
        )


@dataclass(frozen=True, slots=True)
class StoredTap:
    """A tap as its bytes: what both copies hold and what travels. Never parsed and written again.

    So a tap made by an older release stays readable for ever, and its hash never changes.
    """

    tap_id: str
    epoch: str
    seq: int
    occurred_at: int
    body: bytes

    @classmethod
    def of(cls, tap: TapV1) -> StoredTap:
        """Freeze a tap."""
        body = tap.model_dump_json(exclude_none=True).encode()
        return cls(tap.tap_id, tap.epoch, tap.seq, tap.occurred_at, body)

    @classmethod
    def read(cls, body: bytes) -> StoredTap | None:
        """Read a body whose checksum was good; None when it is not one of ours."""
        try:
            found = json.loads(body)
            tap_id, epoch, seq, at = found["tap_id"], found["epoch"], found["seq"], found["occurred_at"]
        except (ValueError, KeyError, TypeError):
            return None
        if not (
            isinstance(tap_id, str) and isinstance(epoch, str) and isinstance(seq, int) and isinstance(at, int)
        ):
            return None
        return cls(tap_id, epoch, seq, at, body)


@dataclass(frozen=True, slots=True)
class KeptTap:
    """A tap that is durable in the outbox and in the journal; `position` is its place in this outbox."""

    tap: TapV1
    position: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many taps the outbox holds, by state."""

    pending: int = 0
    acked: int = 0
    parked: int = 0
    void: int = 0

    @property
    def held(self) -> int:
        """Every tap that takes room."""
        return self.pending + self.acked + self.parked + self.void


class OutboxError(MarelleError):
    """The terminal's own memory failed; `support_code` is what a person reads out on the phone."""

    code = "outbox_error"
    support_code = "M-10"


class TapNotKept(OutboxError):
    """The tap is not durable in both places: never show green. Nothing may be assumed recorded."""

    code = "tap_not_kept"

    def __init__(self, support_code: str, message: str) -> None:
        super().__init__(message, support_code=support_code)
        self.support_code = support_code


class StoreDamaged(OutboxError):
    """The outbox file is not a sound database any more; recovery moves it aside and rebuilds it."""

    code = "store_damaged"
    support_code = "M-14"
