"""Recording whether a family agrees to be in the Filoué file: part of the page of declarations."""

from __future__ import annotations

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import show_table
from dashboards.screens.common import do
from dashboards.viewmodels.caf_entries import typed_day
from dashboards.viewmodels.tables import Table
from domain.errors import MarelleError
from domain.french import short_date, typeset
from records.operations.family_search import search_families
from records.operations.filoue_consents import filoue_consents, record_filoue_consent

YES, NO = "D'accord", "Pas d'accord"


def answers(visit: Visit) -> None:
    """Offer to find a family by name, and to write its answer down."""
    with st.expander("Fichier Filoué : noter la réponse d'une famille", icon=":material/how_to_reg:"):
        st.markdown(
            "Le fichier Filoué ne dit que les enfants dont la famille est d'accord, sans leurs noms. Sans réponse, "
            "c'est non."
        )
        typed = st.text_input(
            "Nom de la famille", key="famille-cherchee", help="Deux lettres au moins, puis Entrée."
        )
        if not typed.strip():
            return
        try:
            found = {each.family_ref: each.name for each in search_families(records(), visit.actor, typed).families}
        except MarelleError as failure:
            st.error(failure.message, icon=":material/error:")
            return
        if not found:
            st.markdown("Aucune famille de ce nom. Vérifiez l'orthographe.")
            return
        _form(visit, found)


def _form(visit: Visit, found: dict[str, str]) -> None:
    ref = st.selectbox("Famille", list(found), format_func=lambda each: found[each])
    known = filoue_consents(records(), visit.actor, ref)
    if known:
        rows = tuple((short_date(each.day), YES if each.is_agreed else NO, each.recorded_by) for each in known)
        show_table(Table(("Jour", "Réponse", "Notée par"), rows))
    with st.form("accord-filoue"):
        day = st.text_input("Jour de la réponse", short_date(visit.today), max_chars=10)
        answer = st.radio("Réponse", [YES, NO])
        if st.form_submit_button("Enregistrer la réponse", type="primary"):
            do(
                lambda: record_filoue_consent(records(), visit.actor, ref, typed_day(day), answer == YES),
                typeset(f"Réponse de la famille {found[ref]} enregistrée."),
            )
