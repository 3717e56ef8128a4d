"""Menus: what is served on the days to come, the vegetarian one marked; entered a week at a time."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import decision, download, secondary, show_table
from dashboards.screens.common import choose, do, say_done
from dashboards.viewmodels import menus as view
from domain.french import long_date, typeset
from domain.kitchen import DISH_WORDS
from records.actors import Right
from records.operations.menus import LABEL_MAX, NewMenu, list_menus, set_menus

WEEKS = 7
TOWN = "ville"
HOW = typeset(
    "**À quoi servent les menus.** L'estimation apprend ce que le poisson ou le menu végétarien changent au nombre "
    "de repas. La loi EGalim veut un menu végétarien par semaine. Un lieu sans menu à lui sert celui de la ville. "
    "Un fichier entier se charge avec « marelle meals menus »."
)


def page(visit: Visit) -> None:
    """Draw the page for those who see the meals of a place; raises NotAllowed."""
    places = visit.places(Right.SEE_MEALS)
    st.title("Menus")
    say_done()
    weeks = view.mondays(visit.today, WEEKS)
    first = date.fromisoformat(next(iter(weeks)))
    known = list_menus(records(), visit.actor, first, first + timedelta(days=7 * WEEKS))
    decision(*view.headline(known, visit.today), icon=":material/eco:")
    if visit.actor.may_somewhere(Right.ORDER_MEALS):
        _week(visit, weeks, known)
    if known:
        st.subheader("Menus saisis")
        table = view.menus_table(known, places)
        show_table(table, on_phone=(0, 2, 3))
        download(table, "menus.csv")
    secondary(HOW)


def _week(visit: Visit, weeks: dict[str, str], known: list[NewMenu]) -> None:
    """Ask for the menus of one week at one place, or wherever nothing else is said."""
    st.subheader("Saisir une semaine")
    everywhere = {TOWN: view.EVERY_PLACE} if visit.actor.may(Right.ORDER_MEALS) else {}
    where = {**everywhere, **visit.places(Right.ORDER_MEALS)}
    left, right = st.columns(2)
    with left:
        monday = date.fromisoformat(choose("Semaine", "semaine", weeks, list(weeks)[1]))
    chosen = right.selectbox("Pour", list(where), format_func=lambda ref: where[ref])
    place = None if chosen == TOWN else chosen
    standing = {menu.day: menu for menu in known if menu.structure_ref == place}
    dishes = list(DISH_WORDS)
    with st.form(f"menus-{monday}-{chosen}"):
        typed = {}
        for day in view.days_of(monday):
            words = long_date(day).capitalize()
            menu = standing.get(day)
            left, right = st.columns((2, 1))
            label = left.text_input(
                words, menu.label if menu else "", max_chars=LABEL_MAX, key=f"menu-{chosen}-{day}"
            )
            dish = right.selectbox(
                f"Plat du {long_date(day)}",
                dishes,
                dishes.index(menu.dish) if menu else 0,
                format_func=lambda code: DISH_WORDS[code],
                key=f"plat-{chosen}-{day}",
            )
            typed[day] = (label, dish)
        if st.form_submit_button("Enregistrer la semaine", type="primary"):
            do(
                lambda: set_menus(records(), visit.actor, view.typed_menus(place, typed, standing)),
                "Menus enregistrés. L'estimation en tient compte au prochain calcul.",
            )
