"""Exact money: cents in, cents out, one rounding, half up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import from_cents, round_half_up, to_cents


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.005", "0.01"), ("0.015", "0.02"), ("0.025", "0.03"), ("2.674999", "2.67"), ("-0.005", "-0.01")],
)
def test_half_a_cent_goes_up(amount: str, rounded: str) -> None:
    assert round_half_up(Decimal(amount)) == Decimal(rounded)


def test_rounding_to_another_step() -> None:
    assert round_half_up(Decimal("1.25"), Decimal("0.1")) == Decimal("1.3")


def test_part_of_a_cent_is_not_cents() -> None:
    with pytest.raises(ValueError, match="part of a cent"):
        to_cents(Decimal("1.005"))


@given(st.integers(-(10**15), 10**15))
def test_cents_come_back_as_they_were(cents: int) -> None:
    assert to_cents(from_cents(cents)) == cents
    assert str(from_cents(cents))[-3] == "."
