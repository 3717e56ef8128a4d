"""Fermetures, grèves et sorties: what shuts or empties services, entered and taken back."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import secondary, show_table
from dashboards.screens.common import do, say_done
from dashboards.viewmodels import events as view
from domain.french import short_date, typeset
from records.actors import Right
from records.operations.events import EventSeen, add_event, cancel_event, list_events
from records.operations.paging import PageAsked

DAYS_BACK, DAYS_AHEAD, SHOWN_MAX = 60, 400, 200
TOWN = "ville"
HOW = typeset(
    "**Ce que fait un événement.** Ce qui est fermé n'attend personne : rien n'est compté, facturé, ni commandé à "
    "la cuisine. Une grève où le service est assuré ne ferme rien : la cuisine attend moins d'enfants, d'après les "
    "précédentes. Une classe en sortie n'est attendue ni à l'accueil ni à table. Les réservations restent écrites "
    "et, l'événement annulé, valent de nouveau. Vacances, jours fériés et ponts viennent du calendrier."
)


def page(visit: Visit) -> None:
    """Draw the page for those who decide about attendance at a place; raises NotAllowed."""
    places = visit.places(Right.DECIDE_ATTENDANCE)
    st.title("Fermetures, grèves et sorties")
    say_done()
    names = {**places, **visit.service_names(), **visit.class_names(places)}
    found = _known(visit)
    st.info(view.headline(found, visit.today), icon=":material/event_busy:")
    if found:
        st.subheader("Deux mois passés et ce qui vient")
        show_table(view.events_table(found, names, visit.today), (0, 1, 3))
    _add(visit, places)
    _take_back(visit, found)
    secondary(HOW)


def _known(visit: Visit) -> list[EventSeen]:
    days = visit.today - timedelta(days=DAYS_BACK), visit.today + timedelta(days=DAYS_AHEAD)
    return list(list_events(records(), visit.actor, days, PageAsked(1, SHOWN_MAX)).lines)


def _add(visit: Visit, places: dict[str, str]) -> None:
    """Ask what happens, where and when; outside the form, what changes the questions."""
    st.subheader("Ajouter")
    everywhere = {TOWN: view.EVERY_PLACE} if visit.actor.may(Right.DECIDE_ATTENDANCE) else {}
    left, right = st.columns(2)
    kind = left.selectbox("Nature", list(view.KIND_WORDS), format_func=lambda code: view.KIND_WORDS[code])
    wide = {} if kind == "outing" else everywhere
    where = {**wide, **places}
    place = right.selectbox("Lieu", list(where), format_func=lambda ref: where[ref])
    classes = visit.class_names([place]) if kind in ("closure", "outing") and place in places else {}
    services = visit.service_names()
    with st.form("evenement"):
        label = st.text_input(
            "Nom", max_chars=200, help="Celui que les agents liront, par exemple « Dératisation »."
        )
        left, right = st.columns(2)  # row by row: on a phone the fields keep their order
        texts = {
            "label": label,
            "first": left.text_input("Premier jour", short_date(visit.today + timedelta(days=1)), max_chars=10),
            "last": right.text_input("Dernier jour, compris (facultatif)", max_chars=10),
        }
        left, right = st.columns(2)
        texts["start"] = left.text_input("De (facultatif)", max_chars=8, help="Sans heures, toute la journée.")
        texts["end"] = right.text_input("À (facultatif)", max_chars=8, help="Par exemple 13 h 30.")
        service = st.selectbox(
            "Service", ["", *services], format_func=lambda ref: services.get(ref, view.EVERY_SERVICE)
        )
        school_class = None
        if classes:
            every = [] if kind == "outing" else [""]
            school_class = st.selectbox(
                "Classe", [*every, *classes], format_func=lambda ref: classes.get(ref, view.EVERY_CLASS)
            )
        choices = {
            "kind": kind,
            "structure": place if place in places else None,
            "class": school_class or None,
            "service": service or None,
        }
        if st.form_submit_button("Enregistrer l'événement", type="primary"):
            ref = f"{kind}-{visit.now}"
            do(
                lambda: add_event(records(), visit.actor, view.typed_event(ref, texts, choices)),
                "Événement enregistré. Les chiffres et les estimations suivent au prochain calcul.",
            )


def _take_back(visit: Visit, found: list[EventSeen]) -> None:
    own = [each for each in found if each.kept.what.structure_ref or visit.actor.may(Right.DECIDE_ATTENDANCE)]
    waiting = view.standing(own)
    if not waiting:
        return
    st.subheader("Annuler")
    versions = {each.kept.what.ref: each.kept.row_version for each in own}
    with st.form("annuler"):
        ref = st.selectbox("Événement à annuler", list(waiting), format_func=lambda each: waiting[each])
        if st.form_submit_button("Annuler cet événement"):
            do(
                partial(cancel_event, records(), visit.actor, ref, versions[ref]),
                "Événement annulé : les enfants sont attendus comme avant, au prochain calcul.",
            )
