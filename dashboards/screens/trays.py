"""Plateaux: whoever has a PAI, an allergy or a basket today, for those who serve; labels, and each tray ticked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import secondary, show_table
from dashboards.screens.common import choose, do, say_done
from dashboards.viewmodels.tables import Table
from domain.french import long_date, plural, staff_name, typeset
from exchanges.papers.tray_labels import tray_labels_pdf
from records.actors import Right
from records.operations.kitchen_today import MealService, kitchen_today
from records.operations.trays import MealAsked, Tray, mark_tray, trays_of_day

DAYS_AHEAD = 7
HOW = typeset(
    "**Qui voit ces noms.** Les personnes qui servent, et qui peuvent voir les données de santé ; chaque lecture "
    "est notée. Un panier repas est installé et compté, jamais commandé. Un plateau coché par erreur se décoche : "
    "les deux restent écrits."
)


def page(visit: Visit) -> None:
    """Draw the trays of a meal at a place where the reader may see health; raises NotAllowed."""
    allowed = visit.structure_refs(Right.SEE_HEALTH)
    st.title("Plateaux")
    say_done()
    left, right = st.columns(2)
    with left:
        days = {str(day): long_date(day).capitalize() for day in _days(visit.today)}
        served = next((each for each in _days(visit.today) if _meals(visit, allowed, each)), visit.today)
        day = date.fromisoformat(choose("Jour", "jour", days, str(served)))
    meals = _meals(visit, allowed, day)
    if not meals:
        st.info("Aucun repas n'est servi ce jour-là. Choisissez un autre jour.")
        return
    with right:
        words = {key: f"{each.structure_name}, {each.service_label}" for key, each in meals.items()}
        meal = meals[choose("Repas", "repas", words, next(iter(words)))]
    asked = MealAsked(meal.structure_ref, meal.service_ref, day)
    found = trays_of_day(records(), visit.actor, asked)
    secondary(f"{meal.structure_name}, {meal.service_label} – {plural(len(found), 'plateau', 'plateaux')}")
    if not found:
        st.success("Aucun PAI, aucune allergie et aucun panier parmi les attendus.", icon=":material/check:")
    else:
        show_table(_table(found), (0, 2, 4))
        _labels(visit, found, meal, day)
        if day == visit.today:
            _tick(visit, found, asked)
    secondary(HOW)


def _meals(visit: Visit, allowed: Sequence[str] | None, day: date) -> dict[str, MealService]:
    """Return the meals of a day at the reader's places, by place and service."""
    return {
        f"{each.structure_ref}/{each.service_ref}": each
        for each in kitchen_today(records(), visit.actor, day, visit.now)
        if each.is_open and (allowed is None or each.structure_ref in allowed)
    }


def _days(today: date) -> list[date]:
    return [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]


def _table(found: Sequence[Tray]) -> Table:
    rows = tuple(
        (
            staff_name(each.last_name, each.first_name),
            each.class_label or "",
            each.diet,
            " ; ".join(each.notes),
            "oui" if each.is_served else "non",
        )
        for each in found
    )
    return Table(("Qui", "Classe", "Régime", "À savoir", "Servi"), rows)


def _labels(visit: Visit, found: Sequence[Tray], meal: MealService, day: date) -> None:
    st.download_button(
        "Étiquettes à imprimer (PDF)",
        tray_labels_pdf(found, (meal.service_label, meal.structure_name, day), visit.site.town),
        f"plateaux-{meal.structure_ref}-{day}.pdf",
        "application/pdf",
        on_click="ignore",
        icon=":material/print:",
    )


def _tick(visit: Visit, found: Sequence[Tray], asked: MealAsked) -> None:
    st.subheader("Cocher")
    for each in found:
        name = staff_name(each.last_name, each.first_name)
        words = f"{name} : {'décocher' if each.is_served else 'plateau servi'}"
        if st.button(typeset(words), key=f"plateau-{each.person_ref}", icon=":material/check_box:"):
            done = f"{name} : plateau {'à servir' if each.is_served else 'servi'}."
            do(partial(mark_tray, records(), visit.actor, asked, each.person_ref, not each.is_served), done)
