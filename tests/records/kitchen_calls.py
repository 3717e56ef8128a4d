"""How the matrix of rights calls what the kitchen does."""

from collections.abc import Callable

from records.actors import Actor
from records.database import Records
from records.operations import (
    kitchen_settings,
    kitchen_today,
    meal_dispatch,
    meal_orders,
    meal_wastes,
    menus,
    trays,
)
from tests.factories.town import CANTEEN, END, NOW, SCHOOL, START, TODAY

SETTING = kitchen_settings.NewKitchenSetting(START, "Marché", "Cuisine", 900, 300)
MEAL = trays.MealAsked(SCHOOL, CANTEEN, TODAY)
LINE = meal_orders.OrderLine(SCHOOL, CANTEEN, TODAY, "standard", "Standard", 1)

KITCHEN_CALLS: dict[str, Callable[[Records, Actor], object]] = {
    "set_kitchen": lambda r, a: kitchen_settings.set_kitchen(r, a, SETTING),
    "kitchens_on": lambda r, a: kitchen_settings.kitchens_on(r, a, TODAY),
    "kitchen_versions": lambda r, a: kitchen_settings.kitchen_versions(r, a),
    "set_menus": lambda r, a: menus.set_menus(r, a, [menus.NewMenu(TODAY, "Gratin", "fish", SCHOOL)]),
    "list_menus": lambda r, a: menus.list_menus(r, a, START, END),
    "place_orders": lambda r, a: meal_orders.place_orders(r, a, "firm", [LINE]),
    "meal_orders": lambda r, a: meal_orders.meal_orders(r, a, START, END),
    "send_orders": lambda r, a: meal_dispatch.send_orders(r, a, "firm", END, START),
    "sent_orders": lambda r, a: meal_dispatch.sent_orders(r, a, START, END),
    "weigh_waste": lambda r, a: meal_wastes.weigh_waste(
        r, a, meal_wastes.Weighed(SCHOOL, CANTEEN, TODAY, "plates", 100)
    ),
    "weighed_wastes": lambda r, a: meal_wastes.weighed_wastes(r, a, START, END),
    "kitchen_today": lambda r, a: kitchen_today.kitchen_today(r, a, TODAY, NOW),
    "trays_of_day": lambda r, a: trays.trays_of_day(r, a, MEAL),
    "mark_tray": lambda r, a: trays.mark_tray(r, a, MEAL, "x", True),
}
