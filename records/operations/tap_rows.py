"""What a batch of taps brings, and the row that each tap becomes: the claim, our reading of it, what to review.

Whatever the records say about the badge, child or service only flags the tap for a person: the server never argues
(reliability notes, P3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from domain.evidence import ClockClaim, ClockLimits, ClockReading, Meeting, read_clock
from domain.taps import TimeConfidence
from domain.time import MICROS_PER_MINUTE, local_day
from domain.wire.batch import MalformedTap, ReadTap
from domain.wire.v1 import ClockV1, TapAnswerV1, TapStatus, TapV1
from records.operations.tap_memory import DeviceNow, EpochKey, Known
from records.operations.tap_statements import Row

DOUBTFUL_TIME, REVOKED_DEVICE = "doubtful_time", "revoked_device"
UNKNOWN_BADGE, UNKNOWN_CHILD, UNKNOWN_SERVICE = "unknown_badge", "unknown_child", "unknown_service"
_QUARTER = 15 * MICROS_PER_MINUTE  # no time zone changes its day inside a quarter of an hour


@dataclass(frozen=True, slots=True)
class TapBatch:
    """What one authenticated device sent in one request; `token_hash` is what it proved itself with.

    `clocks` are its meetings with the server, by boot: evidence for the time of these taps. `draft` is what was
    decided of it before its transaction, if anything was.
    """

    device_id: int
    token_hash: str
    items: Sequence[ReadTap | MalformedTap]
    received_at: int
    clocks: Sequence[ClockV1] = ()
    draft: Draft | None = None

    def with_draft(self, draft: Draft) -> TapBatch:
        """Return the batch with what was decided of it: by hand, since every request passes here."""
        return TapBatch(self.device_id, self.token_hash, self.items, self.received_at, self.clocks, draft)

    def meeting_in(self, boot_id: str) -> Meeting | None:
        """Return the meeting known of a boot, if any."""
        for clock in self.clocks:
            if clock.boot_id == boot_id:
                return Meeting(clock.server_time, clock.mono_ms)
        return None


@dataclass(frozen=True, slots=True)
class Draft:
    """The rows and answers of a batch whose taps are all new as far as `basis` tells; void with any other."""

    basis: Known
    key: EpochKey
    seqs: Sequence[int]
    rows: Sequence[Row]
    answers: list[TapAnswerV1]


@dataclass(frozen=True, slots=True)
class RowMaker:
    """Makes the rows of a batch's taps from what is known; their badge, child and service must have been learnt."""

    batch: TapBatch
    device: DeviceNow
    known: Known
    limits: ClockLimits

    def row(self, item: ReadTap) -> Row:
        """Return the values of a tap in the order of TAP_COLUMNS."""
        tap, received_at = item.tap, self.batch.received_at
        meeting = self.batch.meeting_in(tap.boot_id)
        claim = ClockClaim(tap.occurred_at, tap.clock_offset_ms, tap.clock_offset_age_ms, tap.mono_ms, meeting)
        reading = read_clock(claim, received_at, self.limits)
        return (
            tap.tap_id,
            self.batch.device_id,
            tap.epoch,
            tap.seq,
            str(tap.kind),
            tap.badge_uid,
            tap.child_ref,
            tap.typed_name,
            tap.undoes,
            tap.service_ref,
            tap.class_ref,
            None if tap.direction is None else str(tap.direction),
            tap.agent_ref,
            tap.occurred_at,
            tap.mono_ms,
            tap.boot_id,
            tap.clock_offset_ms,
            tap.clock_offset_age_ms,
            received_at,
            reading.occurred_at,
            str(reading.confidence),
            item.payload_hash,
            self._flags(tap, reading),
        )

    def _flags(self, tap: TapV1, reading: ClockReading) -> str:
        """Return what a person should review, sorted and comma-separated."""
        flags = []
        if reading.confidence is TimeConfidence.DOUBTFUL:
            flags.append(DOUBTFUL_TIME)
        if self.device.is_revoked:
            flags.append(REVOKED_DEVICE)
        if tap.badge_uid is not None:
            day = _day(reading.occurred_at // _QUARTER, self.device.timezone)
            if not self.known.is_badge_held(tap.badge_uid, day):
                flags.append(UNKNOWN_BADGE)
        if tap.child_ref is not None and not self.known.children[tap.child_ref]:
            flags.append(UNKNOWN_CHILD)
        if tap.service_ref is not None and not self.known.services[tap.service_ref]:
            flags.append(UNKNOWN_SERVICE)
        return ",".join(flags)


def stored(item: ReadTap) -> TapAnswerV1:
    """Return the answer for a tap that becomes a row."""
    return TapAnswerV1(index=item.index, tap_id=item.tap.tap_id, status=TapStatus.STORED)


@lru_cache(maxsize=4_096)
def _day(quarter: int, zone: str) -> date:
    return local_day(quarter * _QUARTER, zone)
