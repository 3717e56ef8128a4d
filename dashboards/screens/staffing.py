"""Encadrement: adults asked for and planned at the peak of each half hour, gone by and to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.context import Visit, records, snapshot
from dashboards.look import (
    AMBER,
    PETROLEUM,
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
from dashboards.screens.common import ALL, choose, choose_place, data_time, do, say_done
from dashboards.viewmodels import staffing as view
from dashboards.viewmodels.tables import Table
from domain.french import WEEKDAYS, clock, long_date, plural, typeset
from records.actors import Right
from records.operations.staff_plans import NewStaffPlan, plan_staff, staff_plans
from warehouse.reader import StaffingRow

WEEKS_BACK, DAYS_AHEAD = 8, 14
ROWS_SHOWN = 8
EVERYWHERE = "Tous les lieux"
ALARM = "#B00E1E"
FIRST_MINUTE, LAST_MINUTE = 6 * 60, 21 * 60
HOW = typeset(
    "**Comment ces chiffres sont calculés.** Enfants au plus fort de chaque demi-heure : badges et appels quand le "
    "créneau est fini, réservations avant. Minimum légal par âge et par accueil (plus ou moins de 5 h, PEDT, "
    "vacances), arrondi au-dessus pour chaque âge ; un âge inconnu compte en moins de 6 ans. En crèche, un adulte "
    "pour six, ou pour cinq et huit là où la convention dit à quel âge un enfant marche. Une cantine non déclarée "
    "n'est pas comptée. La direction n'est pas dans les prévus."
)


def page(visit: Visit) -> None:
    """Draw the page for the places that the reader runs; raises NotAllowed, SnapshotMissing."""
    allowed = visit.structure_refs(Right.DECIDE_ATTENDANCE)
    st.title("Encadrement")
    reader = snapshot()
    first, last = visit.today - timedelta(weeks=WEEKS_BACK), visit.today + timedelta(days=DAYS_AHEAD)
    rows = reader.staffing(first, last, allowed)
    if not rows:
        st.info(
            "Aucun accueil déclaré à la CAF sur ces semaines. Les inscriptions et les badges font ces chiffres."
        )
        return
    places = {row.structure_ref: row.structure_label for row in rows}
    left, right = st.columns(2)
    with left:
        place = choose_place(places, EVERYWHERE)
    kept = [row for row in rows if place in (ALL, row.structure_ref)]
    shown = place if place != ALL else _most_urgent(kept, visit.today)
    of_place = [row for row in kept if row.structure_ref == shown]
    with right:
        day = _day(of_place, visit.today)
    secondary(f"{places.get(place, EVERYWHERE)} – {data_time(visit, reader.snapshot)}")
    say_done()
    decision(*view.headline(kept, visit.today), icon=":material/supervisor_account:")
    show_metrics(view.figures(kept, visit.today))
    work = view.work_table(view.coming(kept, visit.today))
    if work.rows:
        _work(work)
    _one_day([row for row in of_place if row.day == day], places[shown], day)
    _plan(visit, shown, places[shown], day)
    st.subheader("Semaines passées")
    show_table(view.week_table(kept, visit.today), on_phone=(0, 3, 4))
    secondary(HOW)


def _work(work: Table) -> None:
    st.subheader("À régler")
    show_table(work.first(ROWS_SHOWN), on_phone=(0, 2, 5))
    if len(work.rows) > ROWS_SHOWN:
        with st.expander(plural(len(work.rows) - ROWS_SHOWN, "autre")):
            show_table(work.after(ROWS_SHOWN), on_phone=(0, 2, 5))


def _most_urgent(rows: Sequence[StaffingRow], today: date) -> str:
    spans = view.short_spans(view.coming(rows, today))
    return spans[0].first.structure_ref if spans else min(rows, key=lambda row: row.structure_label).structure_ref


def _day(rows: Sequence[StaffingRow], today: date) -> date:
    days = sorted({row.day for row in rows})
    spans = view.short_spans(view.coming(rows, today))
    default = spans[0].first.day if spans else next((day for day in days if day >= today), days[-1])
    words = {str(day): long_date(day).capitalize() for day in days}
    return date.fromisoformat(choose("Jour", "jour", words, str(default)))


def _one_day(rows: Sequence[StaffingRow], place: str, day: date) -> None:
    if not rows:
        st.info("Aucun accueil ce jour-là dans ce lieu. Choisissez un autre jour.")
        return
    heading(
        view.chart_title(rows),
        typeset(
            f"{place}, {long_date(day)}. Barre : adultes demandés au plus fort de la demi-heure, trait : "
            "animateurs prévus, ▲ : il en manque."
        ),
    )
    _chart(rows)
    if ratios := view.ratio_words(rows):
        secondary(ratios)
    table = view.day_table(rows)
    show_table(table, on_phone=(0, 1, 5, 6) if len(table.columns) == 8 else (0, 1, 6, 7))
    download(table, f"encadrement-{day}.csv", "Télécharger ce jour en CSV")


def _chart(rows: Sequence[StaffingRow]) -> None:
    frame = pd.DataFrame(
        {
            "demi-heure": [f"{row.half_hour:04d}" for row in rows],
            "demandés": [row.required for row in rows],
            "prévus": [row.planned for row in rows],
            "manque": [bool(view.missing(row)) for row in rows],
            "signe": ["▲" if view.missing(row) else "" for row in rows],
        }
    )
    base = alt.Chart(frame).encode(x=alt.X("demi-heure:O", axis=labelled(view.half_hour_labels(rows))))
    asked = base.mark_bar(width=alt.RelativeBandSize(0.7)).encode(
        y=alt.Y("demandés:Q", axis=french_numbers()),
        color=alt.when("datum.manque").then(alt.value(ALARM)).otherwise(alt.value(PETROLEUM)),
    )
    layers: list[alt.Chart] = [asked]
    if any(
        row.planned is not None for row in rows
    ):  # drawn without a mark, a layer would be an image without words
        layers.append(
            base.mark_tick(color=AMBER, thickness=4, width=alt.RelativeBandSize(0.9)).encode(y="prévus:Q")
        )
    signs = base.mark_text(dy=-10, fontWeight=700, color=ALARM).encode(y="demandés:Q", text="signe:N")
    show_chart(
        alt.layer(*layers, signs).properties(height=260),
        f"{view.chart_title(rows)}. Les mêmes chiffres sont dans le tableau.",
    )


def _plan(visit: Visit, ref: str, place: str, day: date) -> None:
    with st.expander(f"Saisir l'équipe prévue – {place}"):
        with st.form(f"equipe-{ref}-{day}"):
            every = st.radio(
                "Pour",
                ["semaine", "jour"],
                format_func=lambda code: (
                    f"chaque {WEEKDAYS[day.weekday()]}, à partir du {long_date(day)}"
                    if code == "semaine"
                    else f"le {long_date(day)} seulement"
                ),
            )
            period = st.radio(
                "Semaines", list(view.PERIODS), format_func=lambda code: view.PERIODS[code].capitalize()
            )
            minutes = range(FIRST_MINUTE, LAST_MINUTE + view.HALF_HOUR, view.HALF_HOUR)
            left, middle, right = st.columns(3)
            start = left.selectbox("De", list(minutes), index=21, format_func=clock)
            end = middle.selectbox("À", list(minutes), index=25, format_func=clock)
            animators = right.number_input("Animateurs, sans la direction", 0, 200, 2)
            if st.form_submit_button("Enregistrer l'équipe", type="primary"):
                plan = NewStaffPlan(ref, day, start, end, int(animators), str(period), every == "jour")
                do(
                    lambda: plan_staff(records(), visit.actor, plan),
                    "Équipe enregistrée. Elle compte au prochain calcul des chiffres.",
                )
        said = staff_plans(records(), visit.actor, ref)
        if said:
            show_table(view.plan_table(said), on_phone=(0, 1, 2))
        else:
            st.markdown("Rien n'a encore été saisi pour ce lieu.")
