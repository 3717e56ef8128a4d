"""What an invoice says of quantities: their unit in words, and why a product may miss its amount by a cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.french import NBSP
from domain.invoice_paper import PaperRow, Sender
from domain.invoice_sheet import InvoicedChild, InvoiceFacts, Letterhead, invoice_paper
from domain.invoice_text import quantity
from tests.factories.bodies import a_body, a_day, a_group


def rows_of(days: list[dict[str, Any]], **group: Any) -> tuple[PaperRow, ...]:
    """The rows of a paper that bills these days of one service."""
    facts = InvoiceFacts(
        number="2026-000001",
        month=date(2026, 11, 1),
        issued_on=date(2026, 12, 8),
        due_on=date(2027, 1, 15),
        payer_ref="P1",
        payer_name="Claire Fournier",
        recipient=("Madame Claire FOURNIER",),
        total_cents=sum(day["amount"] for day in days),
        previous_balance_cents=0,
        body=a_body([a_group("lea", days, **group)]),
        children={"lea": InvoicedChild("Léa", "Fournier")},
        letterhead=Letterhead(Sender("Saint-Aubin-sur-Orme", ())),
    )
    return invoice_paper(facts).children[0].rows


def hours(day: str, tenths: int, amount: int) -> dict[str, Any]:
    """A day of halte-garderie at 0,59 € an hour."""
    return a_day(day, amount, units=tenths * 1000, price="0.590000000000")


@pytest.mark.parametrize(
    ("units", "unit", "minutes", "told"),
    [
        ("2", "meal", None, "2 repas"),
        ("1.5", "hour", None, "1,5 heure"),
        ("4.5", "hour", None, "4,5 heures"),
        ("0.3333", "hour", None, "0,3333 heure"),
        ("1", "unit_begun", 15, "1 quart d'heure"),
        ("3", "unit_begun", 15, "3 quarts d'heure"),
        ("3", "unit_begun", 30, "3 demi-heures"),
        ("2", "unit_begun", 20, "2 tranches de 20 min"),
        ("2", "unit_begun", None, "2 unités"),
        ("4", "day", 30, "4 jours"),
        ("-2", "sejour", None, "− 2 séjours"),
    ],
)
def test_a_quantity_names_its_unit_as_a_parent_would(units: str, unit: str, minutes: int | None, told: str) -> None:
    assert quantity(Decimal(units), {"unit": unit, "why": {"rounding": minutes}}).replace(NBSP, " ") == told


def test_a_group_without_reasons_still_names_its_unit() -> None:
    assert quantity(Decimal(2), {"unit": "unit_begun", "why": None}).replace(NBSP, " ") == "2 unités"


def test_a_row_whose_days_are_rounded_one_by_one_says_so() -> None:
    days = [hours("2026-11-03", 45, 266), hours("2026-11-04", 45, 266), hours("2026-11-05", 40, 236)]
    (row,) = rows_of(days, unit="hour")

    assert row.quantity.replace(NBSP, " ") == "13 heures"
    assert row.days.replace(NBSP, " ").endswith("; chaque jour est arrondi au centime")


def test_a_row_whose_product_is_its_amount_says_nothing_of_rounding() -> None:
    (row,) = rows_of([hours("2026-11-03", 40, 236), hours("2026-11-04", 40, 236)], unit="hour")

    assert "arrondi" not in row.days


def test_a_row_that_a_rule_changed_does_not_blame_the_rounding() -> None:
    (row,) = rows_of([a_day("2026-11-03", 250, price="2.800000000000")])

    assert "arrondi" not in row.days
