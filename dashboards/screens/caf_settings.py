"""Convention CAF: what the convention says of a place from a day on, and the versions before it."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.context import Visit, records
from dashboards.look import decision, download, secondary, show_table
from dashboards.screens.common import choose, do, say_done
from dashboards.viewmodels import caf_settings as view
from domain.french import short_date, typeset
from records.actors import Right
from records.operations.caf_settings import NewCafSetting, caf_settings, set_caf

HOW = typeset(
    "**À quoi sert la convention.** Les places autorisées donnent la capacité et le taux d'occupation ; le PEDT "
    "et le Plan mercredi décident du taux d'encadrement et du complément. En crèche, un adulte compte pour six "
    "enfants ou, si le règlement donne un âge de marche, pour cinq qui ne marchent pas et huit qui marchent. Une "
    "version ne s'efface pas : une "
    "nouvelle, au même jour, la corrige."
)


def page(visit: Visit) -> None:
    """Draw the page for those who see the CAF's figures of a place; raises NotAllowed."""
    places = visit.places(Right.SEE_CAF)
    st.title("Convention CAF")
    place = choose("Structure", "lieu", places, next(iter(places)))
    known = caf_settings(records(), visit.actor, place)
    held = view.held_setting(known, visit.today)
    secondary(places[place])
    say_done()
    decision(*view.headline(held, known), icon=":material/handshake:")
    if held is not None:
        st.subheader("Ce qui vaut aujourd'hui")
        show_table(view.setting_table(held), on_phone=(0, 1))
    if known:
        st.subheader("Toutes les versions")
        table = view.versions_table(known, visit.today)
        show_table(table, on_phone=(0, 1, 2))
        download(table, f"convention-caf-{place}.csv")
    if visit.actor.may(Right.EDIT_REFERENCE):
        _entry(visit, place, held or (known[0] if known else None))
    elif held is None:
        st.markdown("Demandez à l'administration de saisir la convention de ce lieu.")
    secondary(HOW)


def _entry(visit: Visit, place: str, held: NewCafSetting | None) -> None:
    """Ask for a new version; what holds is there already."""
    st.subheader("Saisir une version")
    with st.form(f"convention-{place}"):
        left, right = st.columns(2)
        texts = {
            "valid_from": left.text_input(
                "À partir du", short_date(visit.today), max_chars=10, help="Par exemple 01/01/2027."
            ),
            "decision": right.text_input(
                "Convention ou courrier",
                held.decision if held else "",
                max_chars=200,
                help="Par exemple « Convention 2026-2029 ».",
            ),
        }
        for number, (name, words) in enumerate(view.TEXT_WORDS.items()):
            if number % 2 == 0:  # row by row: on a phone the fields keep their order
                row = st.columns(2)
            texts[name] = row[number % 2].text_input(words, view.typed_value(held, name), max_chars=20)
        left, right = st.columns(2)
        choices: dict[str, str | bool] = {
            "funding": _chosen(left, "Financement", view.FUNDING_WORDS, (held and held.funding) or view.BY_SERVICE),
            "oversize_rounding": _chosen(
                right, "Arrondi des 115 %", view.ROUNDING_WORDS, held.oversize_rounding if held else "floor"
            ),
        }
        for name, words in view.YES_NO_WORDS.items():
            choices[name] = st.checkbox(words, bool(held and getattr(held, name)))
        if st.form_submit_button("Enregistrer la version", type="primary"):
            do(
                lambda: set_caf(records(), visit.actor, view.typed_setting(place, texts, choices)),
                "Convention enregistrée. Elle compte au prochain calcul.",
            )


def _chosen(column: DeltaGenerator, label: str, words: dict[str, str], held: str) -> str:
    codes = list(words)
    chosen: str = column.selectbox(label, codes, codes.index(held), format_func=lambda code: words[code])
    return chosen
