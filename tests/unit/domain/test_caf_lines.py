"""The words of a declaration: its lines, and what a refused one asks for."""

from decimal import Decimal

import pytest

from domain.caf_lines import fault_words, figure_words, line_label


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("realised_hours_rg", "Heures réalisées, régime général"),
        ("billed_hours", "Heures facturées"),
        ("hours_morning", "Heures du matin"),
        ("charge_64", "Compte 64, charges"),
        ("psu_price_cap", "PSU\u00a0: prix plafond"),
        ("laep_sessions", "Séances"),
        ("nothing_known", "nothing_known"),
    ],
)
def test_line_has_a_french_label(code: str, label: str) -> None:
    assert line_label(code) == label


def test_fault_names_the_missing_parameter_and_its_day() -> None:
    said = fault_words("parameter_missing caf.eaje.monthly_income_floor 2026-12-31").replace("\u00a0", " ")
    assert "caf.eaje.monthly_income_floor" in said
    assert "31/12/2026" in said
    assert "saisissez-la" in said


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("0", "children", "0 enfant"),
        ("1", "days", "1 jour"),
        ("-1", "places", "− 1 place"),
        ("2", "places", "2 places"),
    ],
)
def test_one_of_a_thing_is_not_plural(value: str, unit: str, words: str) -> None:
    assert figure_words(Decimal(value), unit).replace("\u00a0", " ") == words
