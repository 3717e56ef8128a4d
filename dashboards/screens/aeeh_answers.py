"""Recording whether a child opens the AEEH, from a day on: part of the page of declarations."""

from __future__ import annotations

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import show_table
from dashboards.screens.common import do
from dashboards.screens.family_finder import found_families
from dashboards.viewmodels.caf_entries import typed_day
from dashboards.viewmodels.tables import Table
from domain.french import short_date, typeset
from records.operations.aeeh import aeeh_of, record_aeeh

OPEN, CLOSED = "Ouvre droit à l'AEEH", "N'ouvre plus droit à l'AEEH"


def aeeh_rights(visit: Visit) -> None:
    """Offer to find a child by name, and to write down from which day it opens the AEEH or no longer does."""
    with st.expander("AEEH : noter le droit d'un enfant", icon=":material/accessible:"):
        st.markdown(
            "La CAF demande à part les heures des enfants dont la famille reçoit l'AEEH. Notez le droit et son "
            "premier jour ; rien n'est dit de la santé de l'enfant."
        )
        children = {
            person.person_ref: f"{person.first_name} {person.last_name}"
            for family in found_families(visit, "Nom de l'enfant", "enfant-cherche")
            for person in family.people
            if person.role == "child"
        }
        if children:
            _form(visit, children)


def _form(visit: Visit, children: dict[str, str]) -> None:
    ref = st.selectbox("Enfant", list(children), format_func=lambda each: children[each])
    known = aeeh_of(records(), visit.actor, ref)
    if known:
        rows = tuple((short_date(each.valid_from), OPEN if each.is_open else CLOSED) for each in known)
        show_table(Table(("À partir du", "Droit"), rows))
    with st.form("droit-aeeh"):
        day = st.text_input("Premier jour", short_date(visit.today), max_chars=10)
        answer = st.radio("Droit", [OPEN, CLOSED])
        if st.form_submit_button("Enregistrer le droit", type="primary"):
            do(
                lambda: record_aeeh(records(), visit.actor, ref, typed_day(day), is_open=answer == OPEN),
                typeset(f"Droit de {children[ref]} enregistré. Il compte au prochain calcul."),
            )
