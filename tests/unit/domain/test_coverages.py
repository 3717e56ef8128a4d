"""The days that a recap of vouchers covers."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.coverages import NEXT, STATE_WORDS, recap_period, recaps_due

QUARTERS = [(12, 31), (3, 31), (6, 30), (8, 31)]


def test_recap_of_december_begins_after_that_of_august() -> None:
    assert recap_period(QUARTERS, date(2026, 12, 31)) == (date(2026, 9, 1), date(2027, 1, 1))
    assert recap_period(QUARTERS, date(2027, 3, 31)) == (date(2027, 1, 1), date(2027, 4, 1))
    assert recap_period(QUARTERS, date(2027, 3, 30)) is None


def test_last_recap_is_todays_until_the_next_day() -> None:
    assert recaps_due(QUARTERS, date(2026, 12, 31)) == (date(2026, 12, 31), date(2027, 3, 31))
    assert recaps_due(QUARTERS, date(2026, 12, 30)) == (date(2026, 8, 31), date(2026, 12, 31))


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_recaps_follow_one_another_without_gap_or_overlap(day: date) -> None:
    last, following = recaps_due(QUARTERS, day)
    before, after = recap_period(QUARTERS, last), recap_period(QUARTERS, following)
    assert before is not None
    assert after is not None
    assert before[1] == after[0]
    assert last <= day < following
    assert after[0] <= following < after[1] + timedelta(days=1)


def test_every_state_has_words_and_an_end() -> None:
    assert NEXT.keys() == STATE_WORDS.keys()
    assert {state for state, following in NEXT.items() if not following} == {"refused", "cancelled"}
