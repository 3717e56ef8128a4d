"""The year of the CAF balance: progress, occupancy and invoicing rate by week, what moves it, down to the child."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import download, french_numbers, heading, labelled, secondary, show_chart, show_table
from dashboards.screens import caf_what_if
from dashboards.screens.common import choose
from dashboards.viewmodels import caf_year as view
from domain.caf_declarations import FORECAST, PERIOD_OF, last_finished
from domain.caf_lines import fault_words
from domain.errors import NotFound, ParameterMissing
from domain.french import month_name, typeset
from records.actors import Right
from records.operations.declarations import declaration_frozen
from records.operations.state_values import parameter_on
from warehouse.reader import OccupancyRow, PsuCauseRow, PsuRow, PsuWhatIfRow, Reader

THRESHOLDS = ("caf.psu.threshold_low", "caf.psu.threshold_high")
ROWS_SHOWN = 200


def draw_year(visit: Visit, reader: Reader, places: dict[str, str], kept: Sequence[str]) -> None:
    """Draw a year of one structure: its declared hours against the forecast, and its PSU where it has one.

    The first shown is one of those `kept` by the page's choice, before all one that has a PSU.
    """
    st.subheader("L'année d'une structure")
    left, right = st.columns(2)
    with left:
        ordered = dict(sorted(places.items(), key=lambda place: place[1]))
        with_psu = {row.structure_ref for row in reader.caf_year(visit.today.year, list(places)).psu}
        first = min((ref for ref in ordered if ref in kept), key=lambda ref: ref not in with_psu)
        ref = choose("Structure", "structure", ordered, first)
    with right:
        years = {str(year): str(year) for year in (visit.today.year, visit.today.year - 1)}
        year = int(choose("Année", "annee", years, str(visit.today.year)))
    _progress(visit, reader, ref, year)
    _owed(visit, reader, ref, year)
    found = reader.caf_year(year, [ref])
    if found.psu:
        weeks = [row for row in found.weeks if row.week <= visit.today]
        _occupancy(weeks, places[ref])
        _rate(visit, found.psu[0], weeks)
        _causes(found.causes, found.what_if)


def _progress(visit: Visit, reader: Reader, ref: str, year: int) -> None:
    try:
        forecast = declaration_frozen(records(), visit.actor, ref, FORECAST, year)
    except NotFound:
        secondary(
            f"Aucun prévisionnel {year} n'est figé : figez-le dans « Déclarations CAF » pour suivre son avancement."
        )
        return
    table = view.progress_table(forecast.figures, reader.declaration_figures(ref, year, "year"))
    st.markdown(f"**Avancement par rapport au prévisionnel {year}**")
    show_table(table, on_phone=(0, 2, 3))


def _owed(visit: Visit, reader: Reader, ref: str, year: int) -> None:
    """Draw the euros of the last period of the year that is over: those of one under way are not known."""
    version = last_finished(year, visit.today)
    if version is None:
        secondary("Les euros sont donnés pour une période finie : de janvier à juin, à septembre, puis l'année.")
        return
    figures = reader.declaration_figures(ref, year, PERIOD_OF[version])
    table = view.owed_table(figures)
    if not table.rows:
        return
    st.markdown(f"**{view.owed_title(version, year)}**")
    show_table(table)
    for reason in view.owed_refusals(figures):
        st.warning(reason, icon=":material/error:")
    secondary("Chaque ligne s'ouvre, jusqu'à l'enfant, dans « Déclarations CAF ».")


def _occupancy(weeks: Sequence[OccupancyRow], place: str) -> None:
    faults = sorted({row.fault for row in weeks if row.fault})
    for fault in faults[:3]:
        st.warning(fault_words(fault), icon=":material/error:")
    points = view.occupancy_points(weeks)
    if not points:
        return
    heading(
        view.occupancy_title(weeks),
        typeset(f"{place}, heures réalisées et facturées en % des heures offertes, par semaine. Trait : 100 %."),
    )
    frame = pd.DataFrame(points, columns=["semaine", "heures", "part"])
    names = list(dict.fromkeys(frame["heures"]))
    lines = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X("semaine:O", axis=labelled(view.week_labels(weeks))),
            y=alt.Y("part:Q", axis=french_numbers(), scale=alt.Scale(zero=True)),
            color=alt.Color("heures:N", scale=alt.Scale(domain=names)),
            strokeDash=alt.StrokeDash("heures:N", scale=alt.Scale(domain=names)),
        )
    )
    limit = alt.Chart(pd.DataFrame({"part": [100]})).mark_rule().encode(y="part:Q")
    show_chart(
        alt.layer(lines, limit).properties(height=260),
        f"{view.occupancy_title(weeks)}. Les mêmes chiffres sont dans le tableau des semaines.",
    )
    with st.expander("Semaine par semaine"):
        show_table(view.week_table(weeks), on_phone=(0, 3, 4))


def _rate(visit: Visit, year: PsuRow, weeks: Sequence[OccupancyRow]) -> None:
    thresholds = _thresholds(visit.today.replace(month=1, day=1, year=year.year))
    title = view.rate_title(year, thresholds)
    heading(title, "Heures facturées pour 100 réalisées, par semaine. Traits : les seuils qui changent le prix.")
    points = view.rate_points(weeks)
    if points:
        frame = pd.DataFrame(points, columns=["semaine", "taux"])
        drawn = (
            alt.Chart(frame)
            .mark_line(point=True)
            .encode(
                x=alt.X("semaine:O", axis=labelled(view.week_labels(weeks))),
                y=alt.Y("taux:Q", axis=french_numbers(), scale=alt.Scale(zero=False)),
            )
        )
        limits = alt.Chart(pd.DataFrame({"taux": [float(each) for each in thresholds]}))
        rules = limits.mark_rule(strokeDash=[4, 3]).encode(y="taux:Q")
        show_chart(alt.layer(drawn, rules).properties(height=220), f"{title}. Les semaines sont dans le tableau.")
    if year.fault:
        st.warning(fault_words(year.fault), icon=":material/error:")


def _thresholds(day: date) -> list[Decimal]:
    found: list[Decimal] = []
    with records().read() as session:
        for name in THRESHOLDS:
            try:
                found.append(parameter_on(session, name, day))
            except ParameterMissing:
                return []
    return found


def _causes(causes: Sequence[PsuCauseRow], others: Sequence[PsuWhatIfRow]) -> None:
    if not causes:
        return
    st.markdown("**Ce qui fait bouger le taux**")
    show_table(view.cause_table(causes))
    if said := view.rounding_words(causes):
        secondary(said)
    caf_what_if.draw(others, causes)


def draw_children(visit: Visit, reader: Reader, ref: str, month: date) -> None:
    """Open a month of one structure down to the child, for those who may read its files."""
    if not visit.may(Right.SEE_FAMILIES, ref):
        return
    with st.expander(f"Ouvrir {month_name(month)} jusqu'à l'enfant"):
        rows = reader.caf_child_days(ref, month)
        if not rows:
            st.markdown("Aucune présence ce mois-ci.")
            return
        st.markdown(view.child_sentence(rows))
        table = view.child_table(rows)
        show_table(table.first(ROWS_SHOWN), on_phone=(0, 1, 6))
        if len(rows) > ROWS_SHOWN:
            secondary(f"Les {ROWS_SHOWN} premières lignes sur {len(rows)} ; toutes sont dans le fichier.")
        download(table, f"caf-enfants-{month:%Y-%m}.csv", "Télécharger ces journées en CSV")
