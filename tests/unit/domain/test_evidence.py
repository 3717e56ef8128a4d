"""The clock as evidence: which instant is kept beside the claim, and with what confidence."""

from hypothesis import given
from hypothesis import strategies as st

from domain.evidence import MICROS_PER_DAY, ClockClaim, ClockLimits, Meeting, read_clock
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
    mono_ms=st.integers(0, 2**53),
    meeting=st.none() | st.builds(Meeting, server_time=st.integers(0, 2**53), mono_ms=st.integers(0, 2**53)),
)


def test_recent_offset_corrects_a_slow_clock() -> None:
    reading = read_clock(ClockClaim(NOW - 3_600_000_000, HOUR_MS, HOUR_MS), NOW, LIMITS)
    assert reading == (NOW, TimeConfidence.SYNCED)


def test_offset_exactly_at_the_limit_is_still_recent() -> None:
    assert read_clock(ClockClaim(NOW, 0, 24 * HOUR_MS), NOW, LIMITS).confidence is TimeConfidence.SYNCED


def test_offset_older_than_the_limit_corrects_but_is_only_assumed() -> None:
    reading = read_clock(ClockClaim(NOW - 3_600_000_000, HOUR_MS, 24 * HOUR_MS + 1), NOW, LIMITS)
    assert reading == (NOW, TimeConfidence.ASSUMED)


def test_offset_of_an_earlier_boot_puts_the_clock_right_and_is_doubtful() -> None:
    reading = read_clock(ClockClaim(NOW - 3_600_000_000, HOUR_MS, None), NOW, LIMITS)
    assert reading == (NOW, TimeConfidence.DOUBTFUL)


def test_claim_that_nothing_bears_out_is_doubtful_as_it_is() -> None:
    claimed = NOW - 23 * MICROS_PER_DAY
    assert read_clock(ClockClaim(claimed, None, None), NOW, LIMITS) == (claimed, TimeConfidence.DOUBTFUL)


def test_meeting_after_the_tap_dates_a_clock_that_stood_still_over_a_weekend() -> None:
    stopped = NOW - 3 * MICROS_PER_DAY
    claim = ClockClaim(stopped, 0, None, mono_ms=60_000, meeting=Meeting(NOW, 60_000 + 4 * HOUR_MS))
    assert read_clock(claim, NOW, LIMITS) == (NOW - 4 * 3_600_000_000, TimeConfidence.SYNCED)


def test_meeting_before_the_tap_dates_it_too() -> None:
    claim = ClockClaim(60_000_000, None, None, mono_ms=HOUR_MS, meeting=Meeting(NOW - 2 * 3_600_000_000, 0))
    assert read_clock(claim, NOW, LIMITS) == (NOW - 3_600_000_000, TimeConfidence.SYNCED)


def test_meeting_a_month_after_the_tap_dates_it_and_is_only_assumed() -> None:
    claim = ClockClaim(0, None, None, mono_ms=0, meeting=Meeting(NOW, 30 * 24 * HOUR_MS))
    assert read_clock(claim, NOW, LIMITS) == (NOW - 30 * MICROS_PER_DAY, TimeConfidence.ASSUMED)


def test_recent_offset_that_the_meeting_bears_out_is_kept() -> None:
    claim = ClockClaim(NOW, 250, 1_000, mono_ms=5_000, meeting=Meeting(NOW + 29 * MICROS_PER_MINUTE, 5_000))
    assert read_clock(claim, NOW + HOUR_MS * 1000, LIMITS) == (NOW + 250_000, TimeConfidence.SYNCED)


def test_meeting_that_contradicts_a_recent_offset_by_more_than_half_an_hour_is_believed() -> None:
    later = NOW - 31 * MICROS_PER_MINUTE
    claim = ClockClaim(NOW, 0, 1_000, mono_ms=5_000, meeting=Meeting(later, 5_000))
    assert read_clock(claim, NOW, LIMITS) == (later, TimeConfidence.SYNCED)


def test_meeting_that_makes_a_tap_impossible_is_not_believed() -> None:
    claim = ClockClaim(NOW, 0, 1_000, mono_ms=5_000, meeting=Meeting(NOW + 3650 * MICROS_PER_DAY, 5_000))
    assert read_clock(claim, NOW, LIMITS) == (NOW, TimeConfidence.SYNCED)


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
    assert read_clock(ClockClaim(ahead, 0, 1_000), NOW, LIMITS) == (ahead, TimeConfidence.SYNCED)


def test_claim_just_beyond_the_tolerance_takes_the_reception() -> None:
    ahead = NOW + 5 * MICROS_PER_MINUTE + 1
    assert read_clock(ClockClaim(ahead, 0, 1_000), NOW, LIMITS) == (NOW, TimeConfidence.DOUBTFUL)


def test_offset_that_makes_a_plausible_claim_impossible_is_dropped() -> None:
    stale = ClockClaim(NOW, 3650 * 24 * HOUR_MS, 48 * HOUR_MS)
    assert read_clock(stale, NOW, LIMITS) == (NOW, TimeConfidence.DOUBTFUL)


def test_month_offline_is_not_doubtful() -> None:
    claimed = NOW - 31 * MICROS_PER_DAY
    assert read_clock(ClockClaim(claimed, 12, 31 * 24 * HOUR_MS), NOW, LIMITS).confidence is TimeConfidence.ASSUMED


@given(CLAIMS, st.integers(10**15, 2**53))
def test_reading_always_lies_where_a_tap_can_lie(claim: ClockClaim, received_at: int) -> None:
    reading = read_clock(claim, received_at, LIMITS)
    assert received_at - LIMITS.behind_micros <= reading.occurred_at <= received_at + LIMITS.ahead_micros


@given(CLAIMS, st.integers(10**15, 2**53))
def test_nothing_but_milliseconds_counted_in_one_boot_is_believed(claim: ClockClaim, received_at: int) -> None:
    counted = []
    if claim.offset_ms is not None and claim.offset_age_ms is not None:
        counted.append(claim.occurred_at + claim.offset_ms * 1000)
    if claim.meeting is not None:
        counted.append(claim.meeting.server_time + (claim.mono_ms - claim.meeting.mono_ms) * 1000)
    earliest, latest = received_at - LIMITS.behind_micros, received_at + LIMITS.ahead_micros
    possible = {instant for instant in counted if earliest <= instant <= latest}
    reading = read_clock(claim, received_at, LIMITS)
    assert (reading.confidence is TimeConfidence.DOUBTFUL) is (not possible)
    assert reading.confidence is TimeConfidence.DOUBTFUL or reading.occurred_at in possible


MINUTES = st.integers(0, 60 * 24 * 60)


@given(boot=MINUTES, to_tap=MINUTES, to_meeting=MINUTES, wall=st.integers(0, 2**53), travel=st.integers(0, 90))
def test_any_meeting_of_the_boot_gives_the_true_time_whatever_the_clock_says(
    boot: int, to_tap: int, to_meeting: int, wall: int, travel: int
) -> None:
    booted_at = NOW - boot * MICROS_PER_MINUTE
    tapped_at, met_at = (booted_at + minutes * MICROS_PER_MINUTE for minutes in (to_tap, to_meeting))
    meeting = Meeting(met_at, to_meeting * 60_000)
    claim = ClockClaim(wall, None, None, mono_ms=to_tap * 60_000, meeting=meeting)
    reading = read_clock(claim, max(tapped_at, met_at) + travel * MICROS_PER_MINUTE, LIMITS)
    assert reading.occurred_at == tapped_at
    assert reading.confidence is not TimeConfidence.DOUBTFUL
