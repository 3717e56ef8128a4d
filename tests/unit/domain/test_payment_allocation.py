"""What a payment pays: the oldest debt first, then the lines of an invoice in proportion."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.payment_allocation import Movement, allocate, in_proportion

FIRST, END = date(2026, 1, 1), date(2027, 1, 1)
DAY = st.integers(0, 900).map(lambda days: date(2025, 6, 1) + timedelta(days=days))


def test_a_payment_pays_the_oldest_debt_whatever_invoice_it_came_with() -> None:
    found = allocate(
        [
            Movement(date(2025, 12, 1), 1_000),
            Movement(date(2026, 1, 5), 3_000, invoice=1),
            Movement(date(2026, 2, 5), 2_000, invoice=2),
            Movement(date(2026, 2, 6), -4_500, is_payment=True),
        ],
        FIRST,
        END,
    )
    assert (found.invoices, found.others, found.ahead) == ({1: 3_000, 2: 500}, 1_000, 0)


def test_what_is_paid_ahead_is_of_the_year_in_which_it_was_paid() -> None:
    moves = [Movement(date(2026, 12, 30), -2_000, is_payment=True), Movement(date(2027, 1, 5), 1_500, invoice=1)]
    found = allocate(moves, FIRST, END)
    assert (found.invoices, found.ahead) == ({1: 1_500}, 500)
    assert allocate(moves, END, date(2028, 1, 1)).total == 0


def test_a_credit_pays_debts_and_is_no_payment() -> None:
    moves = [Movement(date(2026, 3, 1), 1_000, invoice=1), Movement(date(2026, 3, 2), -1_000)]
    assert allocate(moves, FIRST, END).total == 0


@given(st.lists(st.tuples(DAY, st.integers(-5_000, 5_000), st.booleans()), max_size=30))
def test_every_payment_of_the_days_is_told_once_and_no_invoice_is_paid_twice(
    drawn: list[tuple[date, int, bool]],
) -> None:
    moves = [
        Movement(day, cents, is_payment=cents < 0 and flag, invoice=number if cents > 0 and flag else None)
        for number, (day, cents, flag) in enumerate(drawn)
    ]
    found = allocate(moves, FIRST, END)
    assert found.total == -sum(move.cents for move in moves if move.is_payment and FIRST <= move.day < END)
    asked = {move.invoice: move.cents for move in moves if move.invoice is not None}
    assert all(0 < cents <= asked[invoice] for invoice, cents in found.invoices.items())


@given(st.dictionaries(st.integers(), st.integers(-500, 5_000), max_size=8), st.integers(0, 100_000))
def test_shares_sum_to_what_was_paid(weights: dict[int, int], cents: int) -> None:
    shares = in_proportion(cents, weights)
    assert sum(shares.values()) == (cents if sum(weights.values()) > 0 else 0)
