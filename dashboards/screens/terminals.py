"""Terminaux: what needs somebody first, the whole fleet, then one terminal and how to settle what it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import decision, secondary, show_metrics, show_table
from dashboards.screens.common import ALL, choose, choose_place
from dashboards.viewmodels import terminals as view
from domain.errors import MarelleError
from domain.french import clock, plural, typeset
from domain.time import local_minute
from records.actors import Right
from records.operations.devices import renew_device_code, revoke_device
from records.operations.fleet import DeviceState, Fleet, FleetDevice, fleet
from records.operations.holes import Hole, settle_hole, settled_holes
from records.operations.quarantine_desk import QuarantinedThing, settle_things, settled_things

Shown = TypeVar("Shown")
EVERYWHERE = "Tous les lieux"
DONE = "terminaux-regle"
HOW = typeset(
    "**Comment lire cette page.** *À envoyer* et *De côté* : ce que chaque terminal dit de lui, toutes les cinq "
    "minutes. *Manquants* : les numéros que le serveur n'a pas reçus. Rien n'est effacé : ce qui est réglé reste "
    "dans l'historique, et un passage qui arrive plus tard compte comme les autres."
)


def page(visit: Visit) -> None:
    """Draw the page for the places where the reader decides; raises NotAllowed."""
    whole = fleet(records(), visit.actor, visit.now)
    now = view.Now(visit.now, visit.site.timezone)
    st.title("Terminaux")
    if not whole.devices and not whole.things:
        st.info("Aucun terminal installé. Un administrateur les déclare avec « marelle devices register ».")
        return
    places = {each.structure_ref: each.structure_name for each in whole.devices}
    place = choose_place(places, EVERYWHERE) if places else ALL
    found = view.at_place(whole, None if place == ALL else place)
    label = places.get(place, EVERYWHERE)
    minute = local_minute(visit.now, visit.site.timezone)
    secondary(f"{label} – données à {clock(minute)}")
    _say_done()
    decision(*view.headline(found), icon=":material/router:")
    show_metrics(view.metrics(found, now))
    work = view.to_settle(found, now)
    if work.rows:
        st.subheader("À régler")
        show_table(work, on_phone=(0, 1, 4))
    st.subheader("Tous les terminaux")
    show_table(view.fleet_table(found, now), on_phone=(0, 1, 3))
    _one(visit, found, now)
    secondary(HOW)


def _one(visit: Visit, found: Fleet, now: view.Now) -> None:
    has_strangers = any(thing.device_ref is None for thing in found.things)
    options = view.choices(found, has_strangers)
    if not options:
        return
    st.subheader("Un terminal en détail")
    ref = choose("Terminal", "terminal", options, next(iter(options)))
    device = next((each for each in found.devices if each.device_ref == ref), None)
    if device is not None:
        show_table(view.device_table(device, now))
    _holes(visit, view.holes_of(found, ref), now)
    _things(visit, view.things_of(found.things, ref), now)
    _history(visit, ref, now)
    if device is not None and visit.actor.may(Right.MANAGE_DEVICES, device.structure_id):
        _administer(visit, device)


def _holes(visit: Visit, holes: Sequence[Hole], now: view.Now) -> None:
    if not holes:
        return
    st.markdown("**Passages manquants à régler**")
    by_key = {view.hole_key(hole): hole for hole in holes}
    key = st.selectbox(
        "Ce qui manque", list(by_key), format_func=lambda key: view.hole_words(by_key[key], now), key="trou"
    )
    form = f"regler-trou-{key}"
    hole = _seen(form, by_key[key])
    with st.form(form):
        outcome = st.radio("Suite", list(view.HOLE_OUTCOMES), format_func=view.HOLE_OUTCOMES.__getitem__)
        reason = st.text_input("Raison", max_chars=200, help="Elle reste dans l'historique.")
        if st.form_submit_button("Régler ce trou", type="primary"):
            _do(
                lambda: settle_hole(records(), visit.actor, hole, outcome, reason),
                "Trou réglé. Les lignes qu'il retenait entrent dans le prochain calcul.",
            )


def _things(visit: Visit, things: Sequence[QuarantinedThing], now: view.Now) -> None:
    if not things:
        return
    st.markdown("**Envois mis de côté à examiner**")
    by_id = {thing.thing_id: thing for thing in things}
    # The number keeps two things of one minute apart: the browser answers with the words of the choice.
    chosen = st.selectbox(
        "Envoi", list(by_id), format_func=lambda key: f"{view.thing_words(by_id[key], now)} – n° {key}", key="envoi"
    )
    thing = by_id[chosen]
    secondary(view.advice(thing.reason))
    if thing.taps:
        show_table(view.thing_table(thing, now))
        if thing.tap_count > len(thing.taps):
            secondary(f"Et {plural(thing.tap_count - len(thing.taps), 'autre passage', 'autres passages')}.")
    elif thing.extract:
        st.code(thing.extract, language=None)
    _settle_thing(visit, thing, [each.thing_id for each in things if each.reason == thing.reason])


def _settle_thing(visit: Visit, thing: QuarantinedThing, alike: Sequence[int]) -> None:
    form = f"regler-envoi-{thing.thing_id}"
    seen = _seen(form, alike)
    with st.form(form):
        outcome = st.radio("Suite", list(view.OUTCOMES), format_func=view.OUTCOMES.__getitem__)
        note = st.text_input("Raison", max_chars=400, help="Elle reste dans l'historique.")
        together = f"Régler ensemble les {len(alike)} envois de même motif"
        every = len(alike) > 1 and st.checkbox(together, key=f"ensemble-{thing.thing_id}")
        if st.form_submit_button("Régler cet envoi", type="primary"):
            ids = seen if every else [thing.thing_id]
            _do(
                lambda: settle_things(records(), visit.actor, ids, outcome, note),
                f"{plural(len(ids), 'envoi réglé', 'envois réglés')}. Les octets sont conservés.",
            )


def _seen(form: str, now_read: Shown) -> Shown:
    """Return what the form showed when it was drawn last, and remember what it shows now.

    A page reads everything again when a form is sent: what arrived meanwhile was not seen and is not settled.
    The form's key names its object, so that a form whose object vanished sends nothing.
    """
    name = f"vu-{form}"
    shown: Shown = st.session_state.get(name, now_read)
    st.session_state[name] = now_read
    return shown


def _history(visit: Visit, ref: str, now: view.Now) -> None:
    settled = view.things_of(settled_things(records(), visit.actor), ref)
    if settled:
        with st.expander(f"Historique : {plural(len(settled), 'envoi réglé', 'envois réglés')}"):
            show_table(view.history_table(settled, now), on_phone=(0, 1, 3))
    holes = view.holes_history_table(settled_holes(records(), visit.actor), ref, now)
    if holes.rows:
        with st.expander(f"Historique : {plural(len(holes.rows), 'trou réglé', 'trous réglés')}"):
            show_table(holes, on_phone=(0, 1, 3))


def _administer(visit: Visit, device: FleetDevice) -> None:
    """Offer a new code, and revocation: for a terminal lost, stolen, copied or set up again."""
    ref = device.device_ref
    with st.expander("Réenrôler ou révoquer"):
        st.markdown("Un nouveau code sert à réinstaller ce terminal : l'ancien jeton cesse alors de valoir.")
        if st.button("Donner un nouveau code", key="code"):
            _do(lambda: _give_code(visit, ref))
        if device.state is DeviceState.REVOKED:
            return
        st.markdown(
            "Révoquez un terminal perdu ou copié : il efface ses noms et n'a plus de liste. "
            "Ses passages arrivent encore, signalés à une personne."
        )
        sure = st.checkbox(f"Oui, révoquer « {device.label} »", key="revoquer-sur")
        if st.button("Révoquer", key="revoquer", disabled=not sure):
            _do(lambda: revoke_device(records(), visit.actor, ref), "Terminal révoqué.")


def _give_code(visit: Visit, ref: str) -> None:
    secret = renew_device_code(records(), visit.actor, ref)
    st.success(
        typeset(f"Code : **{secret[:4]} {secret[4:]}**. Il sert une fois, pendant deux jours. Notez-le maintenant.")
    )


def _do(act: Callable[[], object], done: str = "") -> None:
    """Do something; say it at the top of the page drawn anew, or why nothing was done."""
    try:
        act()
    except MarelleError as failure:
        st.error(failure.message, icon=":material/error:")
        return
    if done:
        st.session_state[DONE] = typeset(done)
        st.rerun()


def _say_done() -> None:
    if DONE in st.session_state:
        st.success(st.session_state.pop(DONE), icon=":material/check:")
