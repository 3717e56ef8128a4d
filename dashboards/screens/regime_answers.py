"""Recording the fund that a family depends on, from a day on: part of the page of declarations."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import show_table
from dashboards.screens.common import do
from dashboards.screens.family_finder import found_families
from dashboards.viewmodels.caf_entries import typed_day
from dashboards.viewmodels.tables import Table
from domain.french import short_date, typeset
from domain.regimes import GROUP_WORDS, REGIME_WORDS
from records.operations.families import NewRegime, add_regime
from records.operations.family_file import open_family_file

OTHER = "autre"


def regimes(visit: Visit) -> None:
    """Offer to find a family by name, and to write down its fund from a day on; earlier ones stay."""
    with st.expander("Régime : noter la caisse d'une famille", icon=":material/badge:"):
        st.markdown(
            "La CAF demande les heures par régime. Notez la caisse de la famille et son premier jour ; les heures "
            "d'avant ce jour ne changent pas."
        )
        families = found_families(visit, "Famille à chercher", "famille-du-regime")
        if families:
            _form(visit, {each.family_ref: each.name for each in families})


def _form(visit: Visit, found: dict[str, str]) -> None:
    ref = st.selectbox("Dossier", list(found), format_func=lambda each: found[each])
    known = open_family_file(records(), visit.actor, ref).regimes
    if known:
        rows = tuple((short_date(each.effective_from), REGIME_WORDS.get(each.code, each.code)) for each in known)
        show_table(Table(("À partir du", "Caisse"), rows))
    with st.form("regime"):
        left, right = st.columns(2)
        day = left.text_input("À partir du", short_date(visit.today), max_chars=10)
        number = right.text_input("Numéro d'allocataire", max_chars=20)
        words = {**REGIME_WORDS, OTHER: "Une autre caisse"}
        code = st.selectbox("Caisse", list(words), format_func=lambda each: words[each])
        left, right = st.columns(2)
        name = left.text_input("Nom de l'autre caisse", max_chars=40)
        group = right.selectbox(
            "Groupe CAF de l'autre caisse", list(GROUP_WORDS), format_func=lambda each: GROUP_WORDS[each], index=2
        )
        if st.form_submit_button("Enregistrer la caisse", type="primary"):
            do(
                lambda: add_regime(
                    records(),
                    visit.actor,
                    ref,
                    _regime((code, name.strip(), group), typed_day(day), number.strip()),
                ),
                typeset(f"Caisse de la famille {found[ref]} enregistrée. Elle compte au prochain calcul."),
            )


def _regime(fund: tuple[str, str, str], day: date, number: str) -> NewRegime:
    """Return the fund as typed; of one that the State names, the group is the State's on that day."""
    code, name, group = fund
    is_other = code == OTHER
    return NewRegime(name if is_other else code, group if is_other else None, day, number or None)
