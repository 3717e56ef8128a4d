"""The clock as evidence: which instant is kept beside the claim, and with what confidence."""

from hypothesis import given
from hypothesis import strategies as st

from domain.evidence import MICROS_PER_DAY, ClockClaim, ClockLimits, read_clock
from domain.taps import TimeConfidence
from domain.time import MICROS_PER_MINUTE

NOW = 1_790_000_000_000_000
HOUR_MS = 3_600_000
LIMITS = ClockLimits(
    recent_offset_ms=24 * HOUR_MS, ahead_micros=5 * MICROS_PER_MINUTE, behind_micros=800 * MICROS_PER_DAY
)

CLAIMS = st.builds(
    ClockClaim,
    occurred_at=st.integers(0, 2**53),
    offset_ms=st.none() | st.integers(-(2**53), 2**53),
    offset_age_ms=st.none() | st.integers(0, 2**53),
)


def test_recent_offset_corrects_a_slow_clock() -> None:
    reading = read_clock(ClockClaim(NOW - 3_600_000_000, HOUR_MS, HOUR_MS), NOW, LIMITS)
    assert reading == (NOW, TimeConfidence.SYNCED)


def test_offset_exactly_at_the_limit_is_still_recent() -> None:
    assert read_clock(ClockClaim(NOW, 0, 24 * HOUR_MS), NOW, LIMITS).confidence is TimeConfidence.SYNCED


def test_offset_older_than_the_limit_corrects_but_is_only_assumed() -> None:
    reading = read_clock(ClockClaim(NOW - 3_600_000_000, HOUR_MS, 24 * HOUR_MS + 1), NOW, LIMITS)
    assert reading == (NOW, TimeConfidence.ASSUMED)


def test_offset_of_unknown_age_is_only_assumed() -> None:
    assert read_clock(ClockClaim(NOW, 0, None), NOW, LIMITS).confidence is TimeConfidence.ASSUMED


def test_claim_without_any_offset_is_assumed_as_it_is() -> None:
    claimed = NOW - 23 * MICROS_PER_DAY
    assert read_clock(ClockClaim(claimed, None, None), NOW, LIMITS) == (claimed, TimeConfidence.ASSUMED)


def test_clock_in_1970_without_offset_is_doubtful_and_takes_the_reception() -> None:
    assert read_clock(ClockClaim(60_000_000, None, None), NOW, LIMITS) == (NOW, TimeConfidence.DOUBTFUL)


def test_clock_in_1970_with_a_recent_offset_is_synced() -> None:
    offset_ms = NOW // 1000
    assert read_clock(ClockClaim(0, offset_ms, 1000), NOW, LIMITS) == (NOW, TimeConfidence.SYNCED)


def test_clock_ten_years_ahead_is_doubtful_and_takes_the_reception() -> None:
    ahead = NOW + 3650 * MICROS_PER_DAY
    assert read_clock(ClockClaim(ahead, None, None), NOW, LIMITS) == (NOW, TimeConfidence.DOUBTFUL)


def test_claim_slightly_ahead_of_the_server_is_kept() -> None:
    ahead = NOW + 5 * MICROS_PER_MINUTE
    assert read_clock(ClockClaim(ahead, None, None), NOW, LIMITS) == (ahead, TimeConfidence.ASSUMED)


def test_claim_just_beyond_the_tolerance_is_doubtful() -> None:
    ahead = NOW + 5 * MICROS_PER_MINUTE + 1
    assert read_clock(ClockClaim(ahead, None, None), NOW, LIMITS).confidence is TimeConfidence.DOUBTFUL


def test_offset_that_makes_a_plausible_claim_impossible_is_dropped() -> None:
    stale = ClockClaim(NOW, 3650 * 24 * HOUR_MS, 48 * HOUR_MS)
    assert read_clock(stale, NOW, LIMITS) == (NOW, TimeConfidence.ASSUMED)


def test_month_offline_is_not_doubtful() -> None:
    claimed = NOW - 31 * MICROS_PER_DAY
    assert read_clock(ClockClaim(claimed, 12, 31 * 24 * HOUR_MS), NOW, LIMITS).confidence is TimeConfidence.ASSUMED


@given(CLAIMS, st.integers(10**15, 2**53))
def test_reading_always_lies_where_a_tap_can_lie(claim: ClockClaim, received_at: int) -> None:
    reading = read_clock(claim, received_at, LIMITS)
    assert received_at - LIMITS.behind_micros <= reading.occurred_at <= received_at + LIMITS.ahead_micros


@given(CLAIMS, st.integers(10**15, 2**53))
def test_doubtful_is_exactly_what_no_claim_could_explain(claim: ClockClaim, received_at: int) -> None:
    def possible(instant: int) -> bool:
        return received_at - LIMITS.behind_micros <= instant <= received_at + LIMITS.ahead_micros

    explained = [claim.occurred_at]
    if claim.offset_ms is not None:
        explained.append(claim.occurred_at + claim.offset_ms * 1000)
    doubtful = read_clock(claim, received_at, LIMITS).confidence is TimeConfidence.DOUBTFUL
    assert doubtful is not any(possible(instant) for instant in explained)
