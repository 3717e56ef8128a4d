"""National parameters: dated, sourced, and never silently absent."""

from datetime import date
from decimal import Decimal

import pytest

from domain import parameters
from domain.errors import ParameterMissing
from domain.parameters import DatedValue, EnteredValue, Parameter

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
        assert parameter.values or parameter.note, parameter_id
        assert all(dated.reference and isinstance(dated.value, Decimal) for dated in parameter.values), parameter_id


def test_a_file_without_a_value_is_an_error_by_name_and_date() -> None:
    with pytest.raises(ParameterMissing, match=r"caf\.psu\.price_high_provided.*01/06/2026"):
        parameters.value("caf.psu.price_high_provided", date(2026, 6, 1))


def test_a_yearly_value_says_nothing_of_another_year() -> None:
    assert parameters.value("caf.pso.inclusive_rate", date(2025, 12, 31)) == Decimal("3.90")
    with pytest.raises(ParameterMissing, match=r"caf\.pso\.inclusive_rate.*01/01/2026"):
        parameters.value("caf.pso.inclusive_rate", date(2026, 1, 1))


def test_a_value_ends_on_the_day_that_its_file_says() -> None:
    assert parameters.value("caf.mixite.amount_1", date(2025, 12, 31)) == 2100
    with pytest.raises(ParameterMissing, match=r"caf\.mixite\.amount_1"):
        parameters.value("caf.mixite.amount_1", date(2026, 1, 1))


def test_an_entered_value_fills_a_file_without_one_for_its_year() -> None:
    entered = [EnteredValue("caf.psu.price_high_provided", date(2026, 1, 1), Decimal("10.00"), "barème 2026")]
    price = parameters.with_entered(entered)["caf.psu.price_high_provided"]
    assert price.at(date(2026, 12, 31)).value == 10
    with pytest.raises(ParameterMissing):
        price.at(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("day", "floor", "ceiling"),
    [
        (date(2018, 6, 1), "687.30", "4874.62"),
        (date(2019, 8, 31), "687.30", "4874.62"),
        (date(2019, 9, 1), "705.27", "5300"),
        (date(2020, 6, 1), "705.27", "5600"),
        (date(2021, 6, 1), "711.62", "5800"),
        (date(2022, 6, 1), "712.33", "6000"),
        (date(2023, 6, 1), "754.16", "6000"),
        (date(2024, 8, 31), "765.77", "6000"),
        (date(2024, 9, 1), "765.77", "7000"),
        (date(2025, 8, 31), "801.00", "7000"),
        (date(2025, 9, 1), "801.00", "8500"),
        (date(2026, 6, 1), "814.62", "8500"),
    ],
)
def test_bounds_of_monthly_income_are_those_of_each_date(day: date, floor: str, ceiling: str) -> None:
    assert parameters.value("caf.eaje.monthly_income_floor", day) == Decimal(floor)
    assert parameters.value("caf.eaje.monthly_income_ceiling", day) == Decimal(ceiling)
