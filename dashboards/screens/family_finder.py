"""Finding family files by name inside a page: the same words and refusals wherever a family is asked for."""

from __future__ import annotations

import streamlit as st

from dashboards.context import Visit, records
from domain.errors import MarelleError
from records.operations.family_search import FoundFamily, search_families


def found_families(visit: Visit, label: str, key: str) -> tuple[FoundFamily, ...]:
    """Ask for a name and return the files that answer to it; none until something is typed, said when none does."""
    typed = st.text_input(label, key=key, help="Deux lettres au moins, puis Entrée.")
    if not typed.strip():
        return ()
    try:
        found = search_families(records(), visit.actor, typed).families
    except MarelleError as failure:
        st.error(failure.message, icon=":material/error:")
        return ()
    if not found:
        st.markdown("Aucune famille de ce nom. Vérifiez l'orthographe.")
    return found
