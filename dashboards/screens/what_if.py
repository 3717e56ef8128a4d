"""Simuler un tarif: a past year of presences under another grid, for the council's vote; nothing is recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.context import Visit, home, records, snapshot
from dashboards.look import (
    decision,
    download,
    french_numbers,
    french_uploader,
    heading,
    labelled,
    secondary,
    show_chart,
    show_metrics,
    show_table,
)
from dashboards.screens.common import choose, data_time, do, say_done
from dashboards.viewmodels import what_if as view
from domain.errors import InvalidData
from domain.french import typeset
from domain.what_if import SchoolYear, Simulation, school_year
from domain.what_if_text import changes_finding, decile_finding, families_sentence, headline, missing_sentences
from records.actors import Right
from records.operations.jobs import JobLine, ask_simulation, last_simulation_job
from records.operations.tariff_trials import LINES, VERSIONS, family_names, read_grid
from warehouse.reader import read_simulation

SHOWN_FAMILIES = 50
HOW = typeset(
    "**Comment cette simulation est calculée.** Les présences, les payeurs et les QF sont ceux de l'année publiée. "
    "Seuls le choix du prix et les montants sont recalculés, par les mêmes règles que les factures. Les montants "
    "sont avant prises en charge, et supposent que les familles viennent autant. Rien n'est enregistré."
)


def page(visit: Visit) -> None:
    """Draw the page; raises NotAllowed, SnapshotMissing."""
    visit.actor.require(Right.SEE_MONEY)
    st.title("Simuler un tarif")
    secondary(f"Toute la collectivité – {data_time(visit, snapshot().snapshot)}")
    say_done()
    _ask(visit)
    _last(visit)
    secondary(HOW)


def _ask(visit: Visit) -> None:
    options = {str(year): f"Année {year}" for year in view.years(visit.today)}
    year = school_year(choose("Année rejouée", "annee", options, next(iter(options))))
    french_uploader()
    files = st.file_uploader(
        f"Grille à essayer : {LINES}.csv, et {VERSIONS}.csv si les arrondis ou les rangs changent",
        type="csv",
        accept_multiple_files=True,
        help="Le format de l'import. Un service absent de la grille garde son tarif.",
    )
    if st.button("Lancer la simulation", type="primary"):
        given = [(file.name, file.getvalue()) for file in files]
        do(lambda: _launch(visit, given, year), "La simulation est demandée. Elle prend quelques secondes.")


def _launch(visit: Visit, files: Sequence[tuple[str, bytes]], year: SchoolYear) -> None:
    """Check the grid and ask for the job; raises InvalidData naming each fault."""
    if not files:
        raise InvalidData(typeset(f"Aucune grille n'est donnée. Ajoutez le fichier {LINES}.csv."))
    with tempfile.TemporaryDirectory(prefix="grille-") as name:
        folder = Path(name)
        for file_name, content in files:
            # One file alone may have any name: a town keeps several grids.
            known = file_name if len(files) > 1 else f"{LINES}.csv"
            (folder / Path(known).name).write_bytes(content)
        grid = read_grid(records(), visit.actor, folder, year)
    ask_simulation(records(), visit.actor, str(year), grid)


@st.fragment(run_every=2.0)
def _wait(visit: Visit) -> None:
    job = last_simulation_job(records(), visit.actor)
    if job is None or job.state not in ("waiting", "running"):
        st.rerun()
        return
    st.progress(job.progress_e4 / 10_000, text=job.message or "La simulation attend son tour…")


def _last(visit: Visit) -> None:
    job = last_simulation_job(records(), visit.actor)
    if job is None:
        st.info("Aucune simulation pour le moment. Choisissez une année et une grille, puis lancez-la.")
    elif job.state == "failed":
        st.error(job.message, icon=":material/error:")
    elif job.state == "done":
        _result(visit, job)
    else:
        _wait(visit)


def _result(visit: Visit, job: JobLine) -> None:
    found = read_simulation(home(), str((job.result or {}).get("simulation", "")))
    year = SchoolYear(found.year)
    decision(found.then < found.now, headline(found), icon=":material/trending_down:")
    secondary(f"{families_sentence(found)} Grille essayée : {' ; '.join(found.grids)}.")
    for sentence in missing_sentences(found):
        st.warning(sentence, icon=":material/error:")
    show_metrics(view.figures(found))
    st.subheader("Recettes par service")
    show_table(view.services_table(found), on_phone=(0, 2, 3))
    _deciles(found, year)
    _changes(found, year)
    _families(visit, found)
    st.download_button(
        "Télécharger la synthèse à imprimer",
        view.summary_page(found, visit.site.town, visit.today),
        f"simulation-tarif-{year}.html",
        "text/html",
        on_click="ignore",
        icon=":material/print:",
    )


def _deciles(found: Simulation, year: SchoolYear) -> None:
    groups = found.deciles()
    heading(
        decile_finding(groups),
        typeset(f"Toute la collectivité, {year}, écart en euros par dixième de familles, QF croissant."),
    )
    _bars(view.decile_bars(groups), "Écart de recettes par dixième de QF.")
    with st.expander("Les mêmes chiffres par dixième de QF"):
        show_table(view.groups_table("Dixième de QF", groups), on_phone=(0, 4))
    download(view.groups_table("Dixième de QF", groups), f"simulation-qf-{year}.csv", "Télécharger par QF")


def _changes(found: Simulation, year: SchoolYear) -> None:
    groups = found.changes()
    heading(
        changes_finding(found),
        typeset(f"Toute la collectivité, {year}, nombre de familles selon leur écart sur l'année."),
    )
    _bars(view.change_bars(groups), "Nombre de familles selon leur écart.")
    with st.expander("Les mêmes chiffres par écart"):
        show_table(view.groups_table("Écart d'une famille", groups), on_phone=(0, 1))


def _bars(bars: Sequence[view.Bar], description: str) -> None:
    chart = (
        alt.Chart(pd.DataFrame([asdict(bar) for bar in bars]))
        .mark_bar()
        .encode(
            y=alt.Y("place:O", axis=labelled({str(bar.place): bar.label for bar in bars}), title=None),
            x=alt.X("value:Q", axis=french_numbers(), title=None),
        )
        .properties(height=max(120, 30 * len(bars)))
    )
    show_chart(chart, f"{description} Les mêmes chiffres sont dans le tableau.")


def _families(visit: Visit, found: Simulation) -> None:
    names = family_names(records(), visit.actor) if visit.actor.may(Right.SEE_FAMILIES) else None
    table = view.families_table(found, names)
    with st.expander(f"Les {min(SHOWN_FAMILIES, len(table.rows))} familles dont l'année change le plus"):
        show_table(table.first(SHOWN_FAMILIES), on_phone=(0, 4))
    download(table, f"simulation-familles-{SchoolYear(found.year)}.csv", "Télécharger par famille")
