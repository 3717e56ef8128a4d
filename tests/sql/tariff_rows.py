"""The oracles' price lists as raw rows, in the units of the records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.oracles.world import Price, PriceList, Service
from tests.sql.raw_world import RawWorld

ROW_LABEL = "Ligne "
MODIFIERS = ("add", "percent", "replace", "minimum", "maximum")


def pack_tariff(world: RawWorld, service_id: int, service: Service) -> None:
    """Add the tariff of a service with its versions and rules."""
    if service.price_lists:
        add_tariff(world, service_id, f"Tarif {service.ref}", service.price_lists)


def add_tariff(world: RawWorld, service_id: int, label: str, lists: tuple[PriceList, ...]) -> int:
    """Add one tariff with its versions and rules; return its id."""
    tariff_id = world.add("tariff", service_id=service_id, label=label)
    for prices in lists:
        version_id = world.add(
            "tariff_version",
            tariff_id=tariff_id,
            valid_from=prices.since,
            decision=f"Délibération du {prices.since}",
            unit_step_e4=_scaled(prices.step, 4),
            unit_step_mode=prices.step_mode,
            rank_basis=prices.rank_basis,
            package_basis=prices.package_basis,
        )
        for ordinal, price in enumerate(prices.prices, 1):
            rule = _conditions(price) | _effect(price)
            world.add("tariff_rule", version_id=version_id, ordinal=ordinal, label=f"{ROW_LABEL}{ordinal}", **rule)
    return tariff_id


def _conditions(price: Price) -> dict[str, Any]:
    return {
        "kind": price.kind,
        "category": price.category,
        "formula": price.formula,
        "residence": price.residence,
        "level": price.level,
        "situation": price.situation,
        "is_booked_late": price.booked_late,
        "origin": price.origin,
        "day_kind": price.day_kind,
        "qf_from_e2": _scaled(price.qf_from, 2),
        "qf_to_e2": _scaled(price.qf_to, 2),
        "income_from_cents": _scaled(price.income_from, 2),
        "income_to_cents": _scaled(price.income_to, 2),
        "rank_from": price.rank_from,
        "rank_to": price.rank_to,
        "age_from_months": price.age_from,
        "age_to_months": price.age_to,
        "children_from": price.children_from,
        "children_to": price.children_to,
        "siblings_from": price.siblings_from,
        "siblings_to": price.siblings_to,
        "lead_from_minutes": price.lead_from,
        "lead_to_minutes": price.lead_to,
    }


def _effect(price: Price) -> dict[str, Any]:
    is_modifier = price.form in MODIFIERS
    return {
        "form": price.form,
        "unit": None if is_modifier else price.unit,
        "unit_minutes": price.unit_minutes,
        "applies_to": price.applies_to if is_modifier else None,
        "amount_e4": None if price.form in ("percent", "psu") else _scaled(price.price, 4),
        "amount_to_e4": _scaled(price.price_to, 4),
        "rate_e6": _scaled(price.rate, 6),
        "basis": price.basis,
        "floor_e4": _scaled(price.floor, 4),
        "ceiling_e4": _scaled(price.ceiling, 4),
        "above_ceiling": price.above_ceiling if price.form == "psu" else None,
    }


def _scaled(value: Decimal | None, places: int) -> int | None:
    """Return a number in its smallest unit; it must have no smaller part."""
    if value is None:
        return None
    scaled = value.scaleb(places)
    assert scaled == int(scaled), value
    return int(scaled)
