"""A plain priced line to vary from."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.lines import PricedLine

MEAL = PricedLine(
    line_key="lea·cantine·2026-11-24·meal·claire",
    day=date(2026, 11, 24),
    child_ref="lea",
    child_first_name="Léa",
    family_ref="fournier",
    payer_ref="claire",
    service_ref="cantine",
    service_label="Cantine",
    service_kind="canteen",
    structure_ref="tilleuls",
    structure_label="Les Tilleuls",
    kind="meal",
    situation="present",
    formula_label=None,
    arrived_minute=706,
    left_minute=None,
    is_departure_derived=False,
    is_arrival_derived=False,
    billed_minutes=None,
    rounding_minutes=30,
    units=Decimal(1),
    unit="meal",
    unit_price=Decimal("2.8000"),
    amount=Decimal("2.80"),
    tariff_label="Cantine 2026",
    tariff_rule_label="Enfant",
    tariff_valid_from=date(2026, 9, 1),
    tariff_decision="Délibération 2026-41",
    category="enfant",
    qf_value=Decimal("742.00"),
    qf_source="caf",
    qf_effective_from=date(2026, 9, 1),
    band_from=Decimal("350.00"),
    band_to=None,
    is_provisional=False,
    fault=None,
    held_back=None,
    taps=(),
)


def line(**changes: Any) -> PricedLine:
    """Return the plain meal with some fields changed."""
    return replace(MEAL, **changes)


def evening(**changes: Any) -> PricedLine:
    """Return an evening of two half-hours begun, with some fields changed."""
    facts = {
        "line_key": "lea·garderie-soir·2026-11-24·care·claire",
        "service_ref": "garderie-soir",
        "service_label": "Garderie du soir",
        "kind": "care",
        "arrived_minute": 995,
        "left_minute": 1051,
        "units": 2,
        "unit": "unit_begun",
        "unit_price": Decimal("0.9000"),
        "amount": Decimal("1.80"),
    }
    return replace(MEAL, **{**facts, **changes})
