"""A priced line as every reader meets it: portal, dashboards, command line and quotes share this shape.

Prices are computed in the warehouse's SQL only; this is what comes out, with all that explains it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LineTap:
    """A tap that a line rests on; `occurred_minute` is local, `what` is arrival, departure, repeat or undone.

    `tap_no` is its row in records.
    """

    tap_no: int
    what: str
    occurred_minute: int
    kind: str
    device_label: str


@dataclass(frozen=True, slots=True)
class PriceStep:
    """What one rule of the tariff made of the unit price, or of the line, in the order of its version."""

    ordinal: int
    label: str
    form: str
    applies_to: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One `line_key`: child · service · day · kind · payer, with its reasons (docs/data.md, fct_priced_lines).

    Money is Decimal euros with two decimals (`unit_price` twelve, so that only the line is rounded); minutes are
    local wall-clock minutes of the day. `amount` is None when the line could not be priced: then `fault` names what
    is missing, or `held_back` says that taps it rests on have not come (hole, silent_terminal) or have no sure time
    (undated).
    """

    line_key: str
    day: date
    child_ref: str
    child_first_name: str
    family_ref: str
    payer_ref: str
    service_ref: str
    service_label: str
    service_kind: str
    structure_ref: str
    structure_label: str
    kind: str
    situation: str
    formula_label: str | None
    arrived_minute: int | None
    left_minute: int | None
    is_departure_derived: bool
    is_arrival_derived: bool
    billed_minutes: int | None
    rounding_minutes: int
    units: Decimal
    unit: str
    unit_price: Decimal | None
    amount: Decimal | None
    tariff_label: str | None
    tariff_rule_label: str | None
    tariff_valid_from: date | None
    tariff_decision: str | None
    category: str
    qf_value: Decimal | None
    qf_source: str | None
    qf_effective_from: date | None
    band_from: Decimal | None
    band_to: Decimal | None
    is_provisional: bool
    fault: str | None
    held_back: str | None
    taps: tuple[LineTap, ...]
    rounding_on: str = "duration"
    rounding_mode: str = "begun"
    price_basis: str | None = None
    monthly_income: Decimal | None = None
    children_count: int | None = None
    residence: str | None = None
    level: str | None = None
    sibling_rank: int | None = None
    price_steps: tuple[PriceStep, ...] = ()
    share_days: int | None = None
    share_of_days: int | None = None


@dataclass(frozen=True, slots=True)
class CoveredLine:
    """One `line_key` × coverage: what a body pays of a line, by its decision (docs/data.md, fct_covered_lines).

    `amount` is Decimal euros with two decimals; the family pays the line's amount without all of them.
    """

    line_key: str
    day: date
    coverage_ref: str
    coverage_kind: str
    decision_number: str
    body_ref: str
    body_name: str
    body_kind: str
    rank: int
    unit: str
    units: Decimal
    amount: Decimal
    payer_ref: str
    family_ref: str
    child_ref: str
    service_ref: str
    structure_ref: str
