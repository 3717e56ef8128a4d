"""Contrôles: faults of coherence, each to its owner, who marks it dealt with; what is still wrong comes back."""

from __future__ import annotations

import streamlit as st

from dashboards.context import Visit, records, snapshot
from dashboards.look import decision, download, secondary, show_table
from dashboards.screens.common import ALL, choose, data_time, do, say_done
from dashboards.viewmodels import controls as view
from domain.french import number, typeset
from records.actors import Right
from records.operations.fault_marks import (
    DONE,
    NOTE_LENGTH_MAX,
    OWNER_RIGHTS,
    OWNERS,
    NewFaultMark,
    fault_marks,
    mark_fault,
)
from warehouse.reader import Reader

SHOWN_FAULTS = 200
HOW = typeset(
    "**Comment ces contrôles marchent.** Chaque calcul des chiffres cherche ce qui manque ou se contredit dans les "
    "dossiers, et dit à qui de corriger. « Traité » ne corrige rien : si le calcul suivant trouve encore le "
    "défaut, il revient ici avec la note."
)


def page(visit: Visit) -> None:
    """Draw the page for the actor's places; raises NotAllowed, SnapshotMissing."""
    st.title("Contrôles")
    reader = snapshot()
    secondary(f"Tous les lieux que vous suivez – {data_time(visit, reader.snapshot)}")
    say_done()
    found = controls_of(visit, reader)
    own = _own_roles(visit)
    owners = {ALL: "Tous", **OWNERS}
    chosen = choose("À qui", "qui", owners, own[0] if len(own) == 1 else ALL)
    shown = [each for each in found if chosen in (ALL, each.fault.owner_role)]
    decision(*view.headline(shown), icon=":material/fact_check:")
    if shown:
        table = view.controls_table(shown, visit.site.timezone)
        show_table(table.first(SHOWN_FAULTS), on_phone=(0, 1))
        if len(shown) > SHOWN_FAULTS:
            secondary(f"Les {SHOWN_FAULTS} premiers sur {number(len(shown))} ; le fichier les a tous.")
        download(table, "controles.csv")
    _mark(visit, [each for each in shown if each.state != DONE and each.fault.owner_role in own])
    secondary(HOW)


def controls_of(visit: Visit, reader: Reader) -> list[view.Control]:
    """Return the faults of the actor's places and their own of no place, with what was said; raises NotAllowed."""
    faults = reader.coherence_faults(visit.structure_refs(Right.SEE_FAMILIES), _own_roles(visit))
    marks = fault_marks(records(), visit.actor, [fault.fault_key for fault in faults])
    return view.controls(faults, marks, reader.snapshot.as_of)


def _own_roles(visit: Visit) -> list[str]:
    return [owner for owner in OWNERS if visit.actor.may_somewhere(OWNER_RIGHTS[owner])]


def _mark(visit: Visit, markable: list[view.Control]) -> None:
    if not markable:
        return
    st.subheader("Marquer un défaut traité")
    by_key = {each.fault.fault_key: each.fault for each in markable[:SHOWN_FAULTS]}
    with st.form("traite", clear_on_submit=True):
        key = st.selectbox("Défaut", list(by_key), format_func=lambda each: by_key[each].message)
        note = st.text_input("Ce qui a été fait", max_chars=NOTE_LENGTH_MAX, help="La note reste s'il revient.")
        if st.form_submit_button("Marquer traité", type="primary"):
            fault = by_key[key]
            mark = NewFaultMark(key, fault.owner_role, note, fault.structure_ref)
            do(
                lambda: mark_fault(records(), visit.actor, mark),
                "Défaut marqué traité. Le prochain calcul dira s'il est corrigé.",
            )
