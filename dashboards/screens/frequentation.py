"""Fréquentation: who was booked and who came, by service, place, class, weekday and period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.context import Visit, snapshot
from dashboards.look import (
    AMBER,
    decision,
    download,
    french_numbers,
    heading,
    labelled,
    secondary,
    show_chart,
    show_metrics,
    show_table,
)
from dashboards.screens.common import ALL, choose, choose_place, data_time, months_back
from dashboards.viewmodels import frequentation as view
from domain.french import month_name, typeset
from records.actors import Right
from warehouse.reader import FrequentationRow

MONTHS_BACK = 13
EVERYWHERE, EVERY_SERVICE = "Tous les lieux", "Tous les services"
HOW = typeset(
    "**Comment ces chiffres sont calculés.** *Prévues* : inscriptions, jours habituels et réservations. *Venues* : "
    "badges et appels, une par enfant, service et jour ; les adultes qui mangent sont à part. *Venus / prévus* : "
    "parmi les créneaux terminés. *Sans trace* : des passages manquent, personne ne sait encore. *Remplissage* : "
    "venues sur les places du service."
)


def page(visit: Visit) -> None:
    """Draw the page for the structures that the reader runs; raises NotAllowed, SnapshotMissing."""
    allowed = visit.structure_refs(Right.DECIDE_ATTENDANCE)
    st.title("Fréquentation")
    reader = snapshot()
    columns = st.columns(5)
    with columns[0]:
        month = _month(visit.today)
    rows = reader.frequentation(month, _last_day(month), allowed)
    if not rows:
        st.info("Rien de prévu ni de pointé ce mois-ci. Choisissez un autre mois.")
        return
    before = month.replace(year=month.year - 1)
    last_year = reader.frequentation(before, _last_day(before), allowed)
    keep, label, axis = _filters(rows, columns[1:])
    rows, last_year = [row for row in rows if keep(row)], [row for row in last_year if keep(row)]
    secondary(f"{label} – {data_time(visit, reader.snapshot)}")
    if not rows:
        st.info("Rien pour ce choix. Élargissez le lieu, le service ou la période.")
        return
    decision(*view.headline(rows), icon=":material/assignment_late:")
    show_metrics(view.figures(rows, last_year))
    st.subheader(f"Par {view.AXES[axis].lower()}")
    show_table(view.axis_table(rows, last_year, axis), on_phone=(0, 1, 2, 3))
    if adults := view.adults_words(rows):
        secondary(adults)
    download(view.detail_table(rows), f"frequentation-{month:%Y-%m}.csv", "Télécharger chaque jour en CSV")
    _days(rows, label)
    _weekdays(rows, last_year, label)
    secondary(HOW)


def _month(today: date) -> date:
    months = months_back(today, MONTHS_BACK)
    words = {str(month): month_name(month).capitalize() for month in months}
    return date.fromisoformat(choose("Mois", "mois", words, str(months[0])))


def _last_day(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _filters(rows: Sequence[FrequentationRow], columns: Sequence[DeltaGenerator]) -> tuple[view.Keep, str, str]:
    with columns[0]:
        places = {row.structure_ref: row.structure_label for row in rows}
        place = choose_place(places, EVERYWHERE)
    with columns[1]:
        services = {row.service_ref: row.service_label for row in sorted(rows, key=lambda row: row.service_label)}
        service = choose("Service", "service", {ALL: EVERY_SERVICE, **services}, ALL)
    with columns[2]:
        known = {row.period for row in rows}
        periods = {code: words for code, words in view.PERIODS.items() if code in known}
        period = choose("Période", "periode", {ALL: "Tous les jours", **periods}, ALL)
    with columns[3]:
        axis = choose("Tableau par", "par", view.AXES, "service")
    label = f"{places.get(place, EVERYWHERE)}, {services.get(service, EVERY_SERVICE.lower())}"
    return view.keeping(place, service, period, ALL), label, axis


def _days(rows: Sequence[FrequentationRow], label: str) -> None:
    bars = view.day_bars(rows)
    heading(view.chart_title(rows), typeset(f"{label}, par jour. Barre : venues, trait : prévues."))
    frame = pd.DataFrame(
        {
            "jour": [bar.day.isoformat() for bar in bars],
            "venues": [bar.came for bar in bars],
            "prévues": [bar.booked for bar in bars],
        }
    )
    base = alt.Chart(frame).encode(x=alt.X("jour:O", axis=labelled(view.day_labels(bars))))
    came = base.mark_bar(width=alt.RelativeBandSize(0.6)).encode(y=alt.Y("venues:Q", axis=french_numbers()))
    booked = base.mark_tick(color=AMBER, thickness=4, width=alt.RelativeBandSize(0.85)).encode(y="prévues:Q")
    layers: list[alt.Chart] = [came, booked]
    places = view.capacity_of(rows)
    if places is not None:
        limit = alt.Chart(pd.DataFrame({"places": [places], "mot": [f"{places} places"]})).encode(y="places:Q")
        layers += [limit.mark_rule(), limit.mark_text(align="left", x=4, dy=-8).encode(text="mot:N")]
    show_chart(
        alt.layer(*layers).properties(height=300),
        f"{view.chart_title(rows)}. Les mêmes chiffres sont dans le fichier à télécharger.",
    )


def _weekdays(rows: Sequence[FrequentationRow], last_year: Sequence[FrequentationRow], label: str) -> None:
    bars = view.weekday_bars(rows, last_year)
    heading(
        view.weekday_title(rows),
        f"{label}, venus parmi les prévus par jour de la semaine, en %, cette année et le même mois l'an dernier.",
    )
    if not bars:
        return
    frame = pd.DataFrame(bars, columns=["jour", "année", "part"])
    days, years = list(dict.fromkeys(frame["jour"])), list(dict.fromkeys(frame["année"]))
    base = alt.Chart(frame).encode(
        x=alt.X("jour:N", sort=days, title=None),
        xOffset=alt.XOffset("année:N", sort=years),
        y=alt.Y("part:Q", axis=french_numbers(), scale=alt.Scale(domain=[0, 100])),
    )
    drawn = base.mark_bar(width=alt.RelativeBandSize(0.6)).encode(
        color=alt.Color("année:N", scale=alt.Scale(domain=years))
    )
    words = base.mark_text(dy=-8, fontWeight=700).encode(text=alt.Text("part:Q", format=".0f"))
    show_chart(
        alt.layer(drawn, words).properties(height=240),
        f"{view.weekday_title(rows)}. Le tableau par jour de la semaine donne les mêmes chiffres.",
    )
