"""National parameters: dated, sourced, and never silently absent."""

from datetime import date
from decimal import Decimal

import pytest

from domain import parameters
from domain.errors import ParameterMissing
from domain.parameters import DatedValue, Parameter

TWO = Parameter(
    "x.y",
    "plafond",
    "heures",
    (
        DatedValue(date(2020, 1, 1), Decimal(8), "circulaire A", "certain"),
        DatedValue(date(2026, 1, 1), Decimal(9), "circulaire B", "certain"),
    ),
)


@pytest.mark.parametrize(("day", "value"), [(date(2020, 1, 1), 8), (date(2025, 12, 31), 8), (date(2026, 1, 1), 9)])
def test_value_holds_until_the_next_one_begins(day: date, value: int) -> None:
    assert TWO.at(day).value == value


def test_day_before_the_first_value_is_an_error_that_names_both() -> None:
    with pytest.raises(ParameterMissing, match=r"plafond.*x\.y.*31/12/2019"):
        TWO.at(date(2019, 12, 31))


def test_unknown_parameter_is_an_error_by_name() -> None:
    with pytest.raises(ParameterMissing, match=r"caf\.nothing"):
        parameters.value("caf.nothing", date(2026, 1, 1))


def test_packaged_parameters_are_dated_sourced_decimals() -> None:
    found = parameters.national()
    assert found
    for parameter_id, parameter in found.items():
        assert parameter.id == parameter_id
        assert parameter.values, parameter_id
        assert all(dated.reference and isinstance(dated.value, Decimal) for dated in parameter.values), parameter_id
