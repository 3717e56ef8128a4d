"""A declaration before it is frozen: its forecast, the controls of its months, the names of its versions."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.caf_declarations import (
    ACTUAL,
    FORECAST,
    JUNE,
    SEPTEMBER,
    TYPED,
    Control,
    Figure,
    controls_of,
    differences,
    forecast,
    prepared,
    version_named,
)
from domain.caf_lines import fault_words
from domain.errors import InvalidData

HOURS = Figure("alsh_peri", 101, "hours", Decimal("1204.5000"), "hours")
AEEH = Figure("alsh_peri", 52, "aeeh_children", Decimal(1), "children")
AMOUNT = Figure("result", 205, "pso_periscolaire_amount", None, "euros", "accounts_missing 2026")


def test_forecast_starts_from_the_year_before_and_keeps_what_was_typed() -> None:
    asked: list[tuple[int, str]] = []

    def figures(year: int, period: str) -> tuple[Figure, ...]:
        asked.append((year, period))
        return (HOURS, AMOUNT)

    found = prepared(figures, 2027, FORECAST, {"alsh_peri.hours": Decimal(1500)})
    assert [(each.value, each.basis) for each in found] == [(Decimal(1500), TYPED), (None, "last_year")]
    prepared(figures, 2026, JUNE, {})
    assert asked == [(2026, "year"), (2027, "year"), (2026, "jan_jun")]
    with pytest.raises(InvalidData, match=r"alsh_peri\.nothing"):
        prepared(figures, 2027, FORECAST, {"alsh_peri.nothing": Decimal(1)})
    with pytest.raises(InvalidData, match="prévisionnel"):
        prepared(figures, 2026, ACTUAL, {"alsh_peri.hours": Decimal(1)})


def test_controls_of_a_version_are_of_its_months_and_a_forecast_has_none() -> None:
    held = [Control("held_back", "lea", "soir", date(2026, month, 2), 60) for month in (6, 7, 10)]
    undated = Control("age_unknown", "noe")
    found = [*held, undated]
    assert controls_of(found, JUNE) == (held[0], undated)
    assert controls_of(found, SEPTEMBER) == (held[0], held[1], undated)
    assert controls_of(found, ACTUAL) == tuple(found)
    assert controls_of(found, FORECAST) == ()


def test_what_lasts_is_one_case_whose_quantity_is_that_of_the_months_of_the_version() -> None:
    months = [
        Control(code, child, None, date(2026, month, 5), 10 * month)
        for month in (3, 4, 7)
        for code, child in (("regime_missing", "lea"), ("regime_missing", "noe"), ("team_unknown", ""))
    ]
    for version, quantity in ((JUNE, 70), (SEPTEMBER, 140), (ACTUAL, 140)):
        assert controls_of(months, version) == tuple(
            Control(code, child, None, date(2026, 3, 5), quantity)
            for code, child in (("regime_missing", "lea"), ("regime_missing", "noe"), ("team_unknown", ""))
        )


def test_typed_lines_leave_no_old_rate_total_or_amount_beside_them() -> None:
    rate = Figure("eaje_activity", 400, "invoicing_rate", Decimal(106), "percent")
    realised = Figure("eaje_activity", 101, "realised_hours", Decimal(5000), "hours")
    salaries = Figure("finance", 100, "charge_64", Decimal(900), "euros")
    charges = Figure("finance", 199, "charge_total", Decimal(1000), "euros")
    income = Figure("finance", 299, "produit_total", Decimal(800), "euros")
    amount = Figure("result", 107, "psu_amount", Decimal(700), "euros")
    lines = (rate, realised, salaries, charges, income, amount)

    def untold(**typed: int) -> set[str]:
        given = {key.replace("__", "."): Decimal(value) for key, value in typed.items()}
        found = prepared(lambda _year, _period: lines, 2027, FORECAST, given)
        assert all(each.fault == "follows_typed" for each in found if each.value is None)
        return {each.code for each in found if each.value is None}

    assert untold() == set()
    assert untold(eaje_activity__realised_hours=6000) == {"invoicing_rate", "psu_amount"}
    assert untold(finance__charge_64=950) == {"charge_total", "psu_amount"}
    assert untold(result__psu_amount=650) == set()
    assert untold(eaje_activity__realised_hours=6000, eaje_activity__invoicing_rate=104) == {"psu_amount"}
    assert "saisissez-la aussi" in fault_words("follows_typed")


def test_forecast_of_a_first_year_has_every_line_to_type() -> None:
    def figures(year: int, period: str) -> tuple[Figure, ...]:
        assert period == "year"
        return (HOURS, AMOUNT) if year == 2026 else ()

    found = prepared(figures, 2026, FORECAST, {"alsh_peri.hours": Decimal(1500)})
    assert [(each.value, each.fault) for each in found] == [
        (Decimal(1500), None),
        (None, "last_year_unknown 2025"),
    ]
    assert "Rien n'est connu de 2025" in fault_words("last_year_unknown 2025")
    frozen = [replace(HOURS, value=Decimal(1400)), replace(AMOUNT, value=Decimal(9), fault=None)]
    assert [each.code for each in differences(frozen, found)] == ["hours"]


def test_forecast_has_a_line_to_type_for_what_the_year_before_did_not_have() -> None:
    lines = {2025: (HOURS,), 2026: (HOURS, AEEH)}
    found = prepared(lambda year, period: lines[year], 2026, FORECAST, {"alsh_peri.aeeh_children": Decimal(2)})
    assert [(each.code, each.value, each.basis) for each in found] == [
        ("hours", HOURS.value, "last_year"),
        ("aeeh_children", Decimal(2), TYPED),
    ]
    untyped = prepared(lambda year, period: lines[year], 2026, FORECAST, {})
    assert untyped[1].value is None
    assert untyped[1].fault == "last_year_unknown 2025"


@pytest.mark.parametrize(
    ("word", "today", "version"),
    [
        ("updated", date(2026, 6, 20), JUNE),
        ("updated", date(2026, 9, 20), SEPTEMBER),
        ("updated", date(2027, 1, 5), SEPTEMBER),
        ("actual", date(2026, 6, 20), ACTUAL),
    ],
)
def test_version_is_named_as_people_name_it(word: str, today: date, version: str) -> None:
    assert version_named(word, 2026, today) == version


def test_unknown_version_names_those_that_exist() -> None:
    with pytest.raises(InvalidData, match="updated_june"):
        version_named("final", 2026, date(2026, 1, 1))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "1E+12", "0.0000001"])
def test_value_that_no_line_of_hours_can_have_is_refused(value: str) -> None:
    with pytest.raises(InvalidData, match=r"alsh_peri\.hours"):
        forecast([HOURS], {"alsh_peri.hours": Decimal(value)})


def test_credit_is_a_negative_amount() -> None:
    (line,) = forecast([AMOUNT], {"result.pso_periscolaire_amount": Decimal("-12.50")})
    assert line.value == Decimal("-12.50")
