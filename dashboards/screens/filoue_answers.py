"""Recording whether a family agrees to be in the Filoué file: part of the page of declarations."""

from __future__ import annotations

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import show_table
from dashboards.screens.common import do
from dashboards.screens.family_finder import found_families
from dashboards.viewmodels.caf_entries import typed_day
from dashboards.viewmodels.tables import Table
from domain.french import short_date, typeset
from records.operations.filoue_consents import filoue_consents, record_filoue_consent

YES, NO = "D'accord", "Pas d'accord"


def answers(visit: Visit) -> None:
    """Offer to find a family by name, and to write its answer down."""
    with st.expander("Fichier Filoué : noter la réponse d'une famille", icon=":material/how_to_reg:"):
        st.markdown(
            "Le fichier Filoué ne dit que les enfants dont la famille est d'accord, sans leurs noms. Sans réponse, "
            "c'est non."
        )
        families = found_families(visit, "Nom de la famille", "famille-cherchee")
        if families:
            _form(visit, {each.family_ref: each.name for each in families})


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
