"""The clock as evidence: when a tap most probably happened, and how far that can be trusted.

A terminal's clock may be wrong, stopped in 1970 or ten years ahead; what it claims is kept for ever and never
corrected in place (reliability notes, P6; docs/adr/0007). This reads it beside what the terminal last knew of the
server's clock, and beside any meeting with the server in the same boot: between two instants of one boot the
machine counts milliseconds, whatever its clock says. Order inside an epoch is `seq`, never this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from domain.taps import TimeConfidence
from domain.time import MICROS_PER_MINUTE

MICROS_PER_MILLISECOND = 1_000
MICROS_PER_DAY = 24 * 60 * MICROS_PER_MINUTE
MILLISECONDS_PER_HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class ClockLimits:
    """How old a known offset may be and still count, and how far from its reception a tap may lie.

    A day of the worst ordinary quartz (100 ppm) is 9 s. `disagreement_micros` is how far two readings of one boot
    may lie apart before the later meeting is believed (the server's own clock was set right between). The oldest
    tap that can still arrive is bounded by what a terminal holds, about two school years (reliability notes, P4).
    """

    recent_offset_ms: int = 24 * MILLISECONDS_PER_HOUR
    disagreement_micros: int = 30 * MICROS_PER_MINUTE
    ahead_micros: int = 5 * MICROS_PER_MINUTE
    behind_micros: int = 800 * MICROS_PER_DAY


class Meeting(NamedTuple):
    """A meeting of a terminal with the server: the server's clock (µs UTC) and the milliseconds since that boot."""

    server_time: int
    mono_ms: int


class ClockClaim(NamedTuple):
    """What a tap says of its time: the terminal's clock (µs UTC), the server minus it (ms), and how old that is.

    `mono_ms` counts since its boot; `meeting` is one of the same boot, before or after the tap, if any.
    """

    occurred_at: int
    offset_ms: int | None
    offset_age_ms: int | None
    mono_ms: int = 0
    meeting: Meeting | None = None


class ClockReading(NamedTuple):
    """Our best reading of the instant (µs UTC) and its confidence."""

    occurred_at: int
    confidence: TimeConfidence


DEFAULT_LIMITS = ClockLimits()


def read_clock(claim: ClockClaim, received_at: int, limits: ClockLimits = DEFAULT_LIMITS) -> ClockReading:
    """Return when a tap received at `received_at` (µs UTC, ours) most probably happened.

    Known is what the machine counted from or to a meeting with the server in the boot of the tap; how long it
    counted decides the confidence. Otherwise only the clock speaks, which may have stood still while the power was
    off: where its claim is possible it is our best reading, and doubtful. What is impossible takes the reception's
    instant, the only one we know to be true.
    """
    for reading in (*_counted(claim, limits), *_claimed(claim)):
        if received_at - limits.behind_micros <= reading.occurred_at <= received_at + limits.ahead_micros:
            return reading
    return ClockReading(received_at, TimeConfidence.DOUBTFUL)


def _counted(claim: ClockClaim, limits: ClockLimits) -> list[ClockReading]:
    """Return the readings that rest on a meeting in the boot of the tap, best first."""
    readings = []
    if claim.offset_ms is not None and claim.offset_age_ms is not None:
        corrected = claim.occurred_at + claim.offset_ms * MICROS_PER_MILLISECOND
        readings.append(ClockReading(corrected, _confidence(claim.offset_age_ms, limits)))
    if claim.meeting is not None:
        passed_ms = claim.mono_ms - claim.meeting.mono_ms
        counted = claim.meeting.server_time + passed_ms * MICROS_PER_MILLISECOND
        by_meeting = ClockReading(counted, _confidence(abs(passed_ms), limits))
        known = readings[0] if readings else None
        agrees = known is not None and abs(known.occurred_at - counted) <= limits.disagreement_micros
        if known is not None and known.confidence is TimeConfidence.SYNCED and agrees:
            return readings
        readings.insert(0, by_meeting)
    return readings


def _claimed(claim: ClockClaim) -> list[ClockReading]:
    """Return what the clock alone says: put right by an offset of unknown age, then as it is."""
    readings = [ClockReading(claim.occurred_at, TimeConfidence.DOUBTFUL)]
    if claim.offset_ms is not None:
        corrected = claim.occurred_at + claim.offset_ms * MICROS_PER_MILLISECOND
        readings.insert(0, ClockReading(corrected, TimeConfidence.DOUBTFUL))
    return readings


def _confidence(counted_ms: int, limits: ClockLimits) -> TimeConfidence:
    return TimeConfidence.SYNCED if counted_ms <= limits.recent_offset_ms else TimeConfidence.ASSUMED
