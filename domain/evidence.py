"""The clock as evidence: when a tap most probably happened, and how far that can be trusted.

A terminal's clock may be wrong, stopped in 1970 or ten years ahead; what it claims is kept for ever and never
corrected in place (reliability notes, P6; docs/adr/0007). This reads it beside what the terminal last knew of the
server's clock. Order inside an epoch is `seq`, never this.
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

    A day of the worst ordinary quartz (100 ppm) is 9 s. The oldest tap that can still arrive is bounded by what a
    terminal holds, about two school years (reliability notes, P4).
    """

    recent_offset_ms: int = 24 * MILLISECONDS_PER_HOUR
    ahead_micros: int = 5 * MICROS_PER_MINUTE
    behind_micros: int = 800 * MICROS_PER_DAY


class ClockClaim(NamedTuple):
    """What a tap says of its time: the terminal's clock (µs UTC), the server minus it (ms), and how old that is."""

    occurred_at: int
    offset_ms: int | None
    offset_age_ms: int | None


class ClockReading(NamedTuple):
    """Our best reading of the instant (µs UTC) and its confidence."""

    occurred_at: int
    confidence: TimeConfidence


DEFAULT_LIMITS = ClockLimits()


def read_clock(claim: ClockClaim, received_at: int, limits: ClockLimits = DEFAULT_LIMITS) -> ClockReading:
    """Return when a tap received at `received_at` (µs UTC, ours) most probably happened.

    The last known offset is applied whatever its age; the age decides the confidence. An offset that makes a
    possible claim impossible is dropped (the clock was set right since). What stays impossible is doubtful and
    takes the reception's instant, the only one we know to be true.
    """
    if claim.offset_ms is not None:
        corrected = claim.occurred_at + claim.offset_ms * MICROS_PER_MILLISECOND
        if _is_possible(corrected, received_at, limits):
            return ClockReading(corrected, _confidence(claim, limits))
    if _is_possible(claim.occurred_at, received_at, limits):
        return ClockReading(claim.occurred_at, TimeConfidence.ASSUMED)
    return ClockReading(received_at, TimeConfidence.DOUBTFUL)


def _is_possible(instant: int, received_at: int, limits: ClockLimits) -> bool:
    return received_at - limits.behind_micros <= instant <= received_at + limits.ahead_micros


def _confidence(claim: ClockClaim, limits: ClockLimits) -> TimeConfidence:
    if claim.offset_age_ms is not None and claim.offset_age_ms <= limits.recent_offset_ms:
        return TimeConfidence.SYNCED
    return TimeConfidence.ASSUMED
