"""Which portions one school gives to another: never more than is spare, never less than could be."""

from hypothesis import given
from hypothesis import strategies as st

from domain.kitchen import Transfer, transfers


def test_what_one_school_has_too_many_of_goes_to_the_one_that_lacks_it() -> None:
    assert transfers({"A": 6, "B": -4}) == [Transfer("B", "A", 4)]


def test_the_largest_need_is_served_first_from_whoever_has_most() -> None:
    assert transfers({"A": 2, "B": 5, "C": -4, "D": -3}) == [
        Transfer("C", "B", 4),
        Transfer("D", "B", 1),
        Transfer("D", "A", 2),
    ]


@given(st.dictionaries(st.sampled_from("ABCDEF"), st.integers(-200, 200)))
def test_nobody_gives_more_than_is_spare_and_as_much_as_can_be_is_given(gaps: dict[str, int]) -> None:
    found = transfers(gaps)
    for place, gap in gaps.items():
        assert sum(each.portions for each in found if each.giver == place) <= max(-gap, 0)
        assert sum(each.portions for each in found if each.receiver == place) <= max(gap, 0)
    lacking = sum(gap for gap in gaps.values() if gap > 0)
    spare = -sum(gap for gap in gaps.values() if gap < 0)
    assert sum(each.portions for each in found) == min(lacking, spare)
    assert all(each.portions > 0 for each in found)
