"""Cuisine: meals planned, estimated and served, by place and diet; counts only, never a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.context import Visit, records, snapshot, still_signed_in
from dashboards.look import (
    AMBER,
    PETROLEUM,
    download,
    french_numbers,
    heading,
    labelled,
    secondary,
    show_chart,
    show_metrics,
    show_table,
)
from dashboards.screens.common import ALL, choose, choose_place, data_time
from dashboards.viewmodels import kitchen
from dashboards.viewmodels import meals as view
from domain.french import clock, long_date, typeset
from domain.time import local_minute
from records.actors import Right
from records.operations.kitchen_today import kitchen_today
from warehouse.reader import MealForecastRow, MealsRow

DAYS_BACK, DAYS_AHEAD = 14, 14
REFRESH_SECONDS = 10
EVERYWHERE = "Tous les lieux"
HOW = typeset(
    "**Comment ces chiffres sont calculés.** *Prévus* : inscriptions, jours habituels et réservations. "
    "*À commander* : prévus moins les paniers repas. *Servis* : badges et appels du jour. "
    "*Repas estimés* : prévus, multipliés par la part venue les jours comparables, ou prévus tels quels là où ce "
    "fut plus juste. "
    "La facture repose sur les prévus, jamais sur l'estimation."
)


def page(visit: Visit) -> None:
    """Draw the page for the structures whose meals the reader may see; raises NotAllowed, SnapshotMissing."""
    allowed = visit.structure_refs(Right.SEE_MEALS)
    st.title("Repas prévus et servis")
    reader = snapshot()
    first, last = visit.today - timedelta(days=DAYS_BACK), visit.today + timedelta(days=DAYS_AHEAD)
    meals = reader.meals(first, last, allowed)
    forecasts = reader.meal_forecast(first, last, allowed)
    if not meals:
        st.info("Aucun repas prévu ni servi sur ces semaines. Les inscriptions à la cantine font les prévisions.")
        return
    day, place = _filters(meals, visit.today)
    if place != ALL:
        meals = [row for row in meals if row.structure_ref == place]
        forecasts = [row for row in forecasts if row.structure_ref == place]
    label = EVERYWHERE if place == ALL else meals[0].structure_label
    secondary(f"{label} – {data_time(visit, reader.snapshot)}")
    st.info(view.headline(meals, day), icon=":material/restaurant:")
    if day == visit.today:
        _live(visit, place)
    show_metrics(view.day_figures(meals, forecasts, day, visit.today))
    _day(meals, forecasts, day, visit.today)
    _coming(meals, forecasts, visit.today)
    _chart(view.chart_days(meals, forecasts, visit.today), visit.today, label)
    secondary(HOW)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(visit: Visit, place: str) -> None:
    """Draw the day as it goes. A page left open is no activity: once the session has ended, nothing more."""
    actor = still_signed_in()
    if actor is None:
        st.rerun()
    now = records().clock()
    found = [
        each for each in kitchen_today(records(), actor, visit.today, now) if place in (ALL, each.structure_ref)
    ]
    table = kitchen.live_table(found)
    if not table.rows:
        return
    st.subheader("En direct")
    secondary(f"badges et appels reçus à {clock(local_minute(now, visit.site.timezone))}")
    show_table(table, (0, 2, 3, 4))
    show_table(kitchen.live_diets(found))
    secondary(kitchen.care_sentence(found))


def _filters(meals: Sequence[MealsRow], today: date) -> tuple[date, str]:
    days = sorted({row.day for row in meals})
    default = next((day for day in days if day >= today), days[-1])
    left, right = st.columns(2)
    with left:
        words = {str(day): _day_words(day, today) for day in days}
        day = date.fromisoformat(choose("Jour", "jour", words, str(default)))
    with right:
        place = choose_place({row.structure_ref: row.structure_label for row in meals}, EVERYWHERE)
    return day, place


def _day_words(day: date, today: date) -> str:
    return f"Aujourd'hui, {long_date(day)}" if day == today else long_date(day).capitalize()


def _day(meals: Sequence[MealsRow], forecasts: Sequence[MealForecastRow], day: date, today: date) -> None:
    st.subheader(_day_words(day, today))
    show_table(view.day_overview(meals, forecasts, day, today))
    for reason in view.reasons(forecasts, day):
        secondary(reason)
    table = view.day_table(meals, forecasts, day, today)
    with st.expander("Détail par lieu et régime"):
        show_table(table)
    download(table, f"repas-{day}.csv", "Télécharger ce jour en CSV")


def _coming(meals: Sequence[MealsRow], forecasts: Sequence[MealForecastRow], today: date) -> None:
    table = view.days_table(meals, forecasts, today)
    st.subheader("Jours à venir")
    if not table.rows:
        st.markdown("Aucun jour de service dans les deux semaines qui viennent.")
        return
    with st.expander(f"{len({row[0] for row in table.rows})} jours, par lieu", expanded=False):
        show_table(table)
    download(table, f"repas-a-venir-{today}.csv", "Télécharger les jours à venir en CSV")


def _chart(days: Sequence[view.DayTotal], today: date, place: str) -> None:
    heading(view.chart_title(days, today), view.chart_subtitle(days, place))
    frame = pd.DataFrame(
        {
            "jour": [one.day.isoformat() for one in days],
            "prévus": [one.planned for one in days],
            "servis": [one.served for one in days],
            "estimés": [None if one.forecast is None else float(one.forecast) for one in days],
            "repas": [view.eaten(one) for one in days],
        }
    )
    x = alt.X("jour:O", axis=labelled({one.day.isoformat(): one.label for one in days}))
    base = alt.Chart(frame).encode(x=x)
    width = alt.RelativeBandSize(0.6)
    served = base.mark_bar(width=width).encode(y=alt.Y("servis:Q", axis=french_numbers()))
    coming = base.mark_bar(
        width=width, fill=PETROLEUM, fillOpacity=0.12, stroke=PETROLEUM, strokeDash=[4, 3]
    ).encode(y="estimés:Q")
    planned = base.mark_tick(color=AMBER, thickness=4, width=alt.RelativeBandSize(0.85)).encode(y="prévus:Q")
    figures = base.mark_text(dy=16, fontWeight=700, fontSize=alt.ExprRef("width < 480 ? 9 : 13")).encode(
        y="repas:Q",
        text="repas:Q",
        color=alt.when("isValid(datum.servis)").then(alt.value("#FFFFFF")).otherwise(alt.value(PETROLEUM)),
    )
    show_chart(
        alt.layer(served, coming, planned, figures).properties(height=300),
        f"{view.chart_title(days, today)}. Les mêmes chiffres sont dans les tableaux.",
    )
