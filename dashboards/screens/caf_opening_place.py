"""A line that no child makes, opened: days the place is open, its conventions, its accounts, what it counted."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import download, secondary, show_table
from dashboards.viewmodels import caf_opening_place as view
from dashboards.viewmodels.tables import Table
from domain.caf_declarations import Figure
from domain.caf_lines import fault_words, figure_words
from records.operations.accounting import accounting_lines
from records.operations.anonymous_counts import counts_of
from records.operations.caf_settings import caf_settings
from warehouse.reader import Reader


def draw_of_place(visit: Visit, reader: Reader, about: tuple[str, int, str], figure: Figure) -> None:
    """Show what a line of a place's year and period is made of, for whoever may see the line. Raises NotAllowed."""
    place, year, _ = about
    if figure.fault:
        st.markdown(fault_words(figure.fault))
    elif figure.value is not None:
        st.markdown(f"**{figure_words(figure.value, figure.unit)}**")
    table, where = _opened(visit, reader, about, figure)
    if not table.rows:
        st.markdown(f"Rien n'est saisi pour cette ligne. {where}")
        return
    last = len(table.columns) - 1
    show_table(table, on_phone=(0, 1, last) if last > 1 else ())
    download(table, f"ligne-{place}-{year}-{figure.code}.csv", "Télécharger cette ligne en CSV")
    if not view.adds_up(figure, table):
        st.warning("Ces saisies ont changé depuis le calcul : le prochain les prendra.", icon=":material/schedule:")
    secondary(where)


def _opened(visit: Visit, reader: Reader, about: tuple[str, int, str], figure: Figure) -> tuple[Table, str]:
    """Return the table of a line, and where what it holds is entered."""
    place, year, period = about
    if view.opens_to_days(figure):
        rows = reader.openings(place, year, period, figure.block)
        return view.days_table(figure, rows), "Les jours viennent du calendrier, des horaires et des fermetures."
    if view.opens_to_conventions(figure):
        table = view.conventions_table(caf_settings(records(), visit.actor, place), year)
        return table, "Les places se saisissent dans « Convention CAF » ; la ligne retient le plus grand nombre."
    if view.opens_to_accounts(figure):
        lines = view.accounts_of(figure, accounting_lines(records(), visit.actor, place, year), period)
        return view.accounts_table(lines), "Les comptes se saisissent dans « Comptes de la structure »."
    seen = counts_of(records(), visit.actor, place, date(year, 1, 1), date(year, 12, 31))
    return view.counts_table(figure, seen, period), "Ces nombres se saisissent dans « Comptages »."
