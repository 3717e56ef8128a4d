"""Menus of the weeks to come, as the kitchen types and reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from dashboards.viewmodels.kitchen import weeks_without_vegetarian
from dashboards.viewmodels.tables import Table
from domain.french import NBSP, long_date, medium_date, plural
from domain.kitchen import DISH_WORDS
from records.operations.menus import NewMenu

EVERY_PLACE = "Toute la ville"
WEEKDAYS_SERVED = 5


def mondays(today: date, weeks: int) -> dict[str, str]:
    """Return this week and those to come by the ISO day of their Monday, as people choose one."""
    first = today - timedelta(days=today.weekday())
    found = [first + timedelta(days=7 * number) for number in range(weeks)]
    return {str(monday): f"Semaine du {long_date(monday)}" for monday in found}


def days_of(monday: date) -> list[date]:
    """Return the days of a week on which canteens serve."""
    return [monday + timedelta(days=number) for number in range(WEEKDAYS_SERVED)]


def menus_table(known: Sequence[NewMenu], names: Mapping[str, str]) -> Table:
    """Return the menus by day, the town's before those of places."""
    rows = tuple(
        (
            medium_date(each.day).capitalize(),
            names.get(each.structure_ref, each.structure_ref) if each.structure_ref else EVERY_PLACE,
            each.label,
            DISH_WORDS[each.dish],
        )
        for each in sorted(known, key=lambda menu: (menu.day, menu.structure_ref or ""))
    )
    return Table(("Jour", "Lieu", "Menu", "Plat"), rows)


def headline(known: Sequence[NewMenu], today: date) -> tuple[bool, str]:
    """Return whether a week lacks its vegetarian menu (law EGalim), and how far menus are known."""
    coming = [menu for menu in known if menu.day >= today]
    if not coming:
        return True, f"**Aucun menu à venir n'est saisi**{NBSP}: l'estimation ne sait pas ce qui sera servi."
    lacking = weeks_without_vegetarian(known, {menu.day for menu in coming})
    if lacking:
        weeks = ", ".join(long_date(monday) for monday in lacking)
        return True, f"**Aucun menu végétarien** la semaine du {weeks}{NBSP}: la loi EGalim en veut un par semaine."
    days = plural(len({menu.day for menu in coming}), "jour connu", "jours connus")
    return False, f"Menus saisis jusqu'au {long_date(max(menu.day for menu in coming))} ({days})."


def typed_menus(
    place: str | None, typed: Mapping[date, tuple[str, str]], known: Mapping[date, NewMenu]
) -> list[NewMenu]:
    """Return the menus typed by day (words, dish). A day left empty that had none stays without one."""
    return [
        NewMenu(day, label, dish, place) for day, (label, dish) in typed.items() if label.strip() or day in known
    ]
