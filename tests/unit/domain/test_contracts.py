"""Months of a contract: those that are billed, and the hours of each."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contracts import ContractTerms, billed_months, faults

DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


def test_forty_four_weeks_of_thirty_hours_and_a_half_make_1342_hours() -> None:
    terms = ContractTerms(date(2026, 9, 1), date(2027, 8, 1), 1_830, 44, 11)
    assert faults(terms) == []
    assert terms.total_minutes == 1_342 * 60


def test_month_without_a_bill_is_not_counted() -> None:
    terms = ContractTerms(date(2026, 1, 1), date(2027, 1, 1), 1_830, 44, 11, unbilled_month=8)
    assert faults(terms) == []
    assert date(2026, 8, 1) not in billed_months(terms)


@pytest.mark.parametrize(("months", "is_right"), [(10, False), (11, True), (12, False)])
def test_contract_begun_within_a_month_bills_that_month(months: int, is_right: bool) -> None:
    terms = ContractTerms(date(2026, 9, 15), date(2027, 8, 1), 1_830, 44, months)
    assert (faults(terms) == []) is is_right


@given(start=DAYS, days=st.integers(1, 800), unbilled=st.none() | st.integers(1, 12))
def test_each_billed_month_is_touched_and_each_touched_month_but_one_is_billed(
    start: date, days: int, unbilled: int | None
) -> None:
    end = start + timedelta(days)
    touched = {(start + timedelta(each)).replace(day=1) for each in range(days)}
    billed = billed_months(ContractTerms(start, end, 60, 1, 1, unbilled_month=unbilled))
    assert billed == sorted(month for month in touched if month.month != unbilled)
