"""Bilan CAF: hours by month, service, age and régime, then one year, and down to the child for those who may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.context import Visit, snapshot
from dashboards.look import (
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
from dashboards.screens import caf_year
from dashboards.screens.common import ALL, choose, choose_place, data_time
from dashboards.viewmodels import caf as view
from domain.french import month_name, typeset
from records.actors import Right
from warehouse.reader import CafHoursRow, Reader

MONTHS_BACK = 12
COLUMNS = 3
HOW = typeset(
    "**Comment ces chiffres sont calculés.** Chaque présence compte pour les heures que la règle du service "
    "retient (plage entière, formule plafonnée ou temps réel), selon l'âge de l'enfant ce jour-là et le régime "
    "de sa famille. Un enfant compte une fois par ligne : la colonne *Enfants* ne s'additionne pas."
)


def page(visit: Visit) -> None:
    """Draw the page for the structures whose hours the reader may see; raises NotAllowed, SnapshotMissing."""
    allowed = visit.structure_refs(Right.SEE_CAF)
    st.title("Bilan CAF")
    reader = snapshot()
    rows = reader.caf_hours(_months_before(visit.today, MONTHS_BACK), visit.today, allowed)
    if not rows:
        st.info("Aucune heure sur les douze derniers mois. Les heures viennent des badges et des appels.")
        return
    places = {row.structure_ref: row.structure_label for row in rows}
    rows, label = _filtered(rows)
    secondary(f"{label} – {data_time(visit, reader.snapshot)}")
    if not rows:
        st.info("Aucune heure pour ce choix. Élargissez la période ou le lieu.")
        return
    decision(*view.headline(rows), icon=":material/assignment:")
    held = view.held_note(rows)
    if held:
        st.warning(held, icon=":material/hourglass_empty:")
    show_metrics(view.figures(rows))
    st.subheader("Heures par service")
    by_service = view.service_table(rows)
    show_table(by_service, on_phone=(0, len(by_service.columns) - 1))
    detail = view.detail_table(rows)
    with st.expander(f"Détail par mois, structure, âge et régime ({len(detail.rows)} lignes)"):
        show_table(detail, on_phone=(0, 1, len(detail.columns) - 1))
    download(detail, f"bilan-caf-{reader.snapshot.id[:8]}.csv")
    _children(visit, reader, rows)
    _chart(rows, label)
    caf_year.draw_year(visit, reader, places, [row.structure_ref for row in rows])
    note = view.derived_note(rows)
    if note:
        secondary(note)
    secondary(HOW)


def _children(visit: Visit, reader: Reader, rows: Sequence[CafHoursRow]) -> None:
    """Open the figures down to the child where one month of one place is chosen."""
    chosen = {(row.structure_ref, row.month) for row in rows}
    if len(chosen) == 1:
        caf_year.draw_children(visit, reader, *chosen.pop())
    else:
        secondary("Choisissez un mois et un lieu pour ouvrir ces heures jusqu'à l'enfant.")


def _months_before(day: date, count: int) -> date:
    """Return the first day of the month `count - 1` months before a day's month."""
    months = day.year * 12 + day.month - count
    return date(months // 12, months % 12 + 1, 1)


def _filtered(rows: Sequence[CafHoursRow]) -> tuple[list[CafHoursRow], str]:
    months = sorted({row.month for row in rows}, reverse=True)
    left, right = st.columns(2)
    with left:
        words = {ALL: "Les douze derniers mois", **{f"{one:%Y-%m}": month_name(one).capitalize() for one in months}}
        month = choose("Mois", "mois", words, ALL)
    with right:
        place = choose_place({row.structure_ref: row.structure_label for row in rows}, "Toutes les structures")
    kept = [row for row in rows if month in (ALL, f"{row.month:%Y-%m}") and place in (ALL, row.structure_ref)]
    label = next((row.structure_label for row in rows if row.structure_ref == place), "Toutes les structures")
    return kept, label


def _chart(rows: Sequence[CafHoursRow], place: str) -> None:
    heading(view.chart_title(rows), view.chart_subtitle(rows, place))
    of_service = view.bars(rows)
    words = view.month_labels(rows)
    ages = list(dict.fromkeys(bar.age for bars in of_service.values() for bar in bars))
    scale = alt.Scale(domain=[0, view.tallest(of_service)])  # one for all: heights compare between services
    charts = list(of_service.items())
    for start in range(0, len(charts), COLUMNS):  # row by row, so that a telephone keeps their order
        for column, (service, bars) in zip(st.columns(COLUMNS), charts[start : start + COLUMNS], strict=False):
            chart = (
                alt.Chart(pd.DataFrame([asdict(bar) for bar in bars]))
                .mark_bar(width=alt.RelativeBandSize(0.7))
                .encode(
                    x=alt.X("month:O", axis=labelled(words)),
                    y=alt.Y("hours:Q", axis=french_numbers(), scale=scale),
                    color=alt.Color("age:N", scale=alt.Scale(domain=ages), legend=alt.Legend(columns=2)),
                )
                .properties(title=alt.Title(service, fontSize=15), height=220)
            )
            with column:
                show_chart(
                    chart, f"{service}, heures par mois et par âge. Les mêmes chiffres sont dans les tableaux."
                )
