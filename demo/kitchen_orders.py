"""What the kitchen's agents ordered each week: as many as were planned, and a few more, as kitchens do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from demo.plan import TownPlan
from domain.kitchen import BASKET
from domain.time import instant_at

CANTEEN = "cantine"
STANDARD = ("standard", "Standard")
# Thursday at ten for the week after.
ORDER_WEEKDAY, ORDER_MINUTE, WEEK_DAYS = 3, 10 * 60, 7
MARGIN = 20  # one meal more for so many planned


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """Meals of one diet ordered for a school and a day."""

    structure: str
    day: date
    diet: tuple[str, str]
    quantity: int


@dataclass(frozen=True, slots=True)
class OrdersPlaced:
    """What the kitchen ordered for one week, at `at`."""

    at: int
    orders: tuple[PlannedOrder, ...]


def orders_placed(plan: TownPlan) -> Iterator[OrdersPlaced]:
    """Yield the order of each week that was lived, in order."""
    lived = {
        (visit.structure, visit.day) for life in plan.lives for visit in life.visits if visit.service == CANTEEN
    }
    orders = [order for order in _orders(plan) if (order.structure, order.day) in lived]
    zone, first = plan.scope.town.timezone, plan.scope.period.first_day
    for monday in sorted({order.day - timedelta(days=order.day.weekday()) for order in orders}):
        on = monday - timedelta(days=WEEK_DAYS - ORDER_WEEKDAY)
        if on >= first:
            end = monday + timedelta(days=WEEK_DAYS)
            week = tuple(order for order in orders if monday <= order.day < end)
            yield OrdersPlaced(instant_at(on, ORDER_MINUTE, zone), week)


def _orders(plan: TownPlan) -> Iterator[PlannedOrder]:
    diets = {child.ref: child.diet for family in plan.families for child in family.children if child.diet}
    planned: Counter[tuple[str, date, tuple[str, str]]] = Counter()
    for enrolment in plan.enrolments:
        diet = diets.get(enrolment.person_ref, STANDARD)
        if enrolment.service == CANTEEN and diet[0] != BASKET:
            planned.update(
                (enrolment.structure, day, diet) for day in plan.scope.period.days if enrolment.pattern_on(day)
            )
    for (structure, day, diet), count in sorted(planned.items()):
        more = -(-count // MARGIN) if diet == STANDARD else 0
        yield PlannedOrder(structure, day, diet, count + more)
