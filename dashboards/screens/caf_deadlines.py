"""Échéances de la CAF: what is due now at the top of the page, the year's calendar, and noting that one is done."""

from __future__ import annotations

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import secondary, show_table
from dashboards.screens.common import do
from dashboards.viewmodels import caf_deadlines as view
from domain.errors import NotAllowed
from domain.french import typeset
from records.actors import Right
from records.operations.yearly_tasks import DueTask, due_tasks, mark_task, yearly_tasks

HOW = typeset(
    "Chacune se rappelle en haut de cette page. Qui déclare et a une adresse e-mail dans son compte reçoit aussi "
    "un message au début du rappel, puis un autre au lendemain de l'échéance, si l'administration a réglé l'envoi "
    "des messages. Les jours se modifient : « marelle tasks edit »."
)


def draw_due(visit: Visit) -> None:
    """Say at the top of the page what is due to the CAF now, for those who declare."""
    for sentence in view.due_words(_due(visit)):
        st.warning(sentence, icon=":material/event:")


def draw_deadlines(visit: Visit, place_ref: str) -> None:
    """Draw the deadlines of the year and where each stands; whoever declares notes one done, `place_ref` first."""
    st.subheader("Échéances")
    try:
        tasks = [each.what for each in yearly_tasks(records(), visit.actor)]
    except NotAllowed:
        return
    due = _due(visit)
    table = view.deadlines_table(tasks, due, visit.today)
    if not table.rows:
        st.markdown(
            "Aucune échéance n'est saisie. L'administration les ajoute (« marelle tasks propose »), puis les "
            "ajuste au calendrier de votre CAF."
        )
        return
    show_table(table)
    if due:
        _mark(visit, due, place_ref)
    secondary(HOW)


def _due(visit: Visit) -> list[DueTask]:
    if not visit.actor.may_somewhere(Right.DECLARE_CAF):
        return []
    try:
        found = due_tasks(records(), visit.actor)
    except NotAllowed:
        return []
    return [each for each in found if each.held_right == Right.DECLARE_CAF]


def _mark(visit: Visit, due: list[DueTask], place_ref: str) -> None:
    words = {each.ref: each.label for each in due}
    chosen = st.selectbox("Échéance envoyée à la CAF", list(words), format_func=lambda ref: words[ref])
    task = next(each for each in due if each.ref == chosen)
    with st.form("echeance-faite"):
        places = view.place_words(task, place_ref)
        place = st.selectbox("Lieu", list(places), format_func=places.__getitem__) if places else view.ALL_PLACES
        secondary(view.what_stops(task))
        if st.form_submit_button("Noter faite"):
            do(lambda: _note(visit, task, place), view.noted(task, place))


def _note(visit: Visit, task: DueTask, place: str) -> None:
    for mark in view.marks(task, place):
        mark_task(records(), visit.actor, mark)
