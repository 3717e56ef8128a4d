"""What to order, beside what is ordered: the published quantities and the orders that stand, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_DOWN
from typing import Any

from domain.kitchen import transfers
from records.operations.meal_orders import OrderLine, OrderSeen
from warehouse.reader import MealForecastRow

BY_TRANSFER = "transfert entre lieux"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One place, service, day and diet: its estimate, and the order that stands, None before any."""

    row: MealForecastRow
    order: OrderSeen | None

    @property
    def ordered(self) -> int | None:
        """Return the portions ordered, None before any order."""
        return None if self.order is None else self.order.line.quantity

    @property
    def gap(self) -> int | None:
        """Return the meals that lack (or are too many, negative) against what is enough; None when unknown."""
        if self.row.needed is None or self.ordered is None:
            return None
        return int(self.row.needed.to_integral_value(rounding=ROUND_HALF_DOWN)) - self.ordered

    def line(self, quantity: int, reason: str | None = None) -> OrderLine:
        """Return the order of a quantity."""
        row = self.row
        return OrderLine(
            row.structure_ref,
            row.service_ref,
            row.day,
            row.diet_code,
            row.diet_label,
            quantity,
            row.quantity,
            reason,
        )


@dataclass(frozen=True, slots=True)
class DietTransfer:
    """Portions of a diet that go from one place to another on a day."""

    day: date
    service_ref: str
    diet_code: str
    diet_label: str
    giver: str
    receiver: str
    portions: int


def sheet_lines(found: Iterable[Proposal]) -> list[dict[str, Any]]:
    """Return what stands ordered as the lines of a paper order."""
    return [
        {
            "day": each.row.day.isoformat(),
            "place": each.row.structure_label,
            "service": each.row.service_label,
            "diet": each.row.diet_label,
            "quantity": each.ordered,
        }
        for each in found
        if each.ordered
    ]


def proposals(rows: Iterable[MealForecastRow], orders: Iterable[OrderSeen]) -> list[Proposal]:
    """Return the estimates in their order, each with its order."""
    standing = {_key(each.line): each for each in orders}
    return [Proposal(row, standing.get(_key(row))) for row in rows]


def to_record(found: Iterable[Proposal], horizon: str) -> list[OrderLine]:
    """Return what is proposed and not ordered yet at a horizon: what somebody changed there is left as it is."""
    return [
        each.line(each.row.quantity)
        for each in found
        if each.row.quantity is not None
        and each.row.horizon == horizon
        and (each.order is None or each.order.horizon != horizon)
    ]


def day_transfers(found: Sequence[Proposal], day: date) -> list[DietTransfer]:
    """Return what to carry between places on a day, by service and diet: places are given by their references."""
    groups: dict[tuple[str, str, str], dict[str, int]] = {}
    for each in found:
        if each.row.day == day and each.gap is not None:
            key = (each.row.service_ref, each.row.diet_code, each.row.diet_label)
            groups.setdefault(key, {})[each.row.structure_ref] = each.gap
    return [
        DietTransfer(day, *key, each.giver, each.receiver, each.portions)
        for key, gaps in sorted(groups.items())
        for each in transfers(gaps)
    ]


def after_transfers(found: Iterable[Proposal], carried: Iterable[DietTransfer]) -> list[OrderLine]:
    """Return the orders of the places that give or receive, once what is carried has moved."""
    moved: dict[tuple[Any, ...], int] = {}
    for each in carried:
        for place, portions in ((each.giver, -each.portions), (each.receiver, each.portions)):
            key = (place, each.service_ref, each.day, each.diet_code)
            moved[key] = moved.get(key, 0) + portions
    return [
        each.line(each.ordered + moved[_key(each.row)], BY_TRANSFER)
        for each in found
        if _key(each.row) in moved and each.ordered is not None
    ]


def _key(row: MealForecastRow | OrderLine) -> tuple[Any, ...]:
    return row.structure_ref, row.service_ref, row.day, row.diet_code
