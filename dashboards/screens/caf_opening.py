"""A line of a declaration opened down to the child: for those who may read the files of the place."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards.context import Visit
from dashboards.look import download, secondary, show_table
from dashboards.screens.caf_opening_place import draw_of_place
from dashboards.screens.common import choose
from dashboards.viewmodels import caf_opening as view
from dashboards.viewmodels.caf_opening_place import opens_without_children
from domain.caf_declarations import Figure
from domain.caf_lines import fault_words
from domain.french import typeset
from records.actors import Right
from warehouse.reader import FigureAsked, FigureChildRow, Reader

NONE = "aucune"
HOW = typeset(
    "Une heure entre parenthèses n'a pas été notée : l'horaire du service en tient lieu. Qui a corrigé une heure, "
    "et quand, se lit dans le dossier de contrôle (« marelle caf audit »)."
)


def draw_opening(visit: Visit, reader: Reader, about: tuple[str, int, str], figures: Sequence[Figure]) -> None:
    """Let a line of a place's year and period be opened: to its children and days, or to what was entered."""
    place, year, period = about
    lines = view.openable(figures, with_children=visit.may(Right.SEE_FAMILIES, place))
    if not lines:
        return
    st.subheader("Ouvrir une ligne")
    chosen = choose("Ligne à ouvrir", "ligne", {NONE: "Choisissez une ligne", **lines}, NONE)
    figure = next((each for each in figures if each.key == chosen), None)
    if figure is None:
        return
    if opens_without_children(figure):
        draw_of_place(visit, reader, about, figure)
        return
    if not view.opens_to_children(figure):
        if figure.fault:
            st.markdown(fault_words(figure.fault))
        show_table(view.made_of(figure, figures))
        secondary("Choisissez ci-dessus l'une de ces lignes d'heures ou d'enfants pour l'ouvrir à son tour.")
        return
    asked = FigureAsked(place, year, period, figure.block, figure.code)
    rows = reader.figure_children(asked)
    st.markdown(view.sentence(figure, rows))
    table = view.children_table(figure, rows)
    with st.expander("Enfant par enfant", expanded=True):
        show_table(table, on_phone=(0, len(table.columns) - 1))
        download(table, f"ligne-{place}-{year}-{figure.code}.csv", "Télécharger ces enfants en CSV")
    _child(reader, asked, figure, rows)


def _child(reader: Reader, asked: FigureAsked, figure: Figure, rows: Sequence[FigureChildRow]) -> None:
    names = view.child_names(rows)
    child = choose("Enfant à ouvrir", "enfant", {NONE: "Choisissez un enfant", **names}, NONE)
    if child == NONE:
        return
    table = view.days_table(figure, *reader.figure_days(asked, child))
    show_table(table, on_phone=(0, 2, len(table.columns) - 1))
    download(
        table, f"ligne-{asked.structure_ref}-{asked.year}-{figure.code}-{child}.csv", "Télécharger ces jours en CSV"
    )
    secondary(HOW)
