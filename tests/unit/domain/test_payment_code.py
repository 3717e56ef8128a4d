"""The characters of « paiement de proximité », held against two vectors made by other programs."""

from __future__ import annotations

import pytest

from domain.payment_code import CollectionCodes, payment_code

CODES = CollectionCodes("004", "9", "093", "940033", "035031")


def test_a_code_is_the_one_that_another_program_makes_of_the_same_debt() -> None:
    made = payment_code(CODES, 2026, 123, 6245)

    assert made == " " * 64 + "004909300267940033000160 91200000000000001230350314985806     6245"


def test_a_code_whose_debtor_key_is_a_sum_is_the_published_vector() -> None:
    summed = CollectionCodes("004", "0", "093", "940033", "035031", sums_debtor_key=True)

    made = payment_code(summed, 2024, 2024000001234, 10000)

    assert made == " " * 64 + "004009300241940033000160 28170020240000012340350314947806    10000"


@pytest.mark.parametrize(("cents", "key"), [(1, "43"), (10, "44"), (100, "45"), (1000, "46")])
def test_the_key_of_the_amount_is_the_one_of_the_notes(cents: int, key: str) -> None:
    assert payment_code(CODES, 2026, 123, cents)[116:118] == key


@pytest.mark.parametrize("cents", [0, -1, 100_000_000])
def test_an_amount_that_the_code_cannot_hold_is_refused(cents: int) -> None:
    with pytest.raises(ValueError, match="cents"):
        payment_code(CODES, 2026, 123, cents)


def test_codes_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="130 characters"):
        payment_code(CollectionCodes("4", "9", "093", "940033", "035031"), 2026, 123, 6245)
