"""Réglages de la cuisine: supplier, packs, delays and what a mistake costs, dated, of the town or of one place."""

from __future__ import annotations

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import decision, download, secondary, show_table
from dashboards.screens.common import do, say_done
from dashboards.viewmodels import kitchen_settings as view
from domain.french import short_date, typeset
from records.actors import Right
from records.models.kitchen import MINIMUM_MAX, PACK_MAX
from records.operations.kitchen_settings import HORIZON_DAYS_MAX, NewKitchenSetting, kitchen_versions, set_kitchen

TOWN = "ville"
LIMITS = {
    "pack": (1, PACK_MAX),
    "minimum": (0, MINIMUM_MAX),
    "supplier_days": (1, HORIZON_DAYS_MAX),
    "firm_days": (1, HORIZON_DAYS_MAX),
}
HOW = typeset(
    "**À quoi servent ces réglages.** Des deux coûts vient la quantité : si un repas qui manque coûte trois fois "
    "un repas perdu, on commande de quoi suffire trois jours sur quatre, par colis entiers et pas moins que le "
    "minimum. Un lieu sans réglages suit ceux de la ville. Une version ne s'efface pas : une nouvelle, au même "
    "jour, la corrige."
)


def page(visit: Visit) -> None:
    """Draw the page for those who see the meals of a place; raises NotAllowed."""
    places = visit.places(Right.SEE_MEALS)
    st.title("Réglages de la cuisine")
    say_done()
    known = kitchen_versions(records(), visit.actor)
    held = view.held_settings(known, visit.today)
    decision(*view.headline(held), icon=":material/tune:")
    if known:
        st.subheader("Toutes les versions")
        table = view.versions_table(known, places, visit.today)
        show_table(table, on_phone=(0, 1, 2, 3))
        download(table, "reglages-cuisine.csv")
    if visit.actor.may(Right.EDIT_REFERENCE):
        _entry(visit, places, held)
    elif not held:
        st.markdown("Demandez à l'administration de saisir ces réglages.")
    secondary(HOW)


def _entry(visit: Visit, places: dict[str, str], held: dict[str | None, NewKitchenSetting]) -> None:
    """Ask for a new version; what holds at the place, or in the town, is there already."""
    st.subheader("Saisir une version")
    where = {TOWN: view.EVERY_PLACE, **places}
    chosen = st.selectbox("Pour", list(where), format_func=lambda ref: where[ref])
    place = None if chosen == TOWN else chosen
    now = held.get(place) or held.get(None)
    with st.form(f"reglages-{chosen}"):
        left, right = st.columns(2)
        texts = {
            "valid_from": left.text_input("À partir du", short_date(visit.today), max_chars=10),
            "decision": right.text_input(
                "Décision", view.typed_value(now, "decision"), max_chars=200, help="Par exemple « Marché 2026-4 »."
            ),
        }
        left, right = st.columns(2)
        texts["supplier"] = left.text_input("Fournisseur", view.typed_value(now, "supplier"), max_chars=200)
        texts["mail"] = right.text_input(
            "Adresse où part la commande (facultatif)", view.typed_value(now, "mail"), max_chars=200
        )
        left, right = st.columns(2)
        texts["missing_cents"] = left.text_input(
            "Coût d'un repas qui manque (€)", view.typed_value(now, "missing_cents"), max_chars=10
        )
        texts["wasted_cents"] = right.text_input(
            "Coût d'un repas perdu (€)", view.typed_value(now, "wasted_cents"), max_chars=10
        )
        wholes = {}
        for number, (name, words) in enumerate(view.WHOLE_WORDS.items()):
            if number % 2 == 0:  # row by row: on a phone the fields keep their order
                row = st.columns(2)
            standing = int(getattr(now or NewKitchenSetting(visit.today, "", "", 0, 0), name))
            wholes[name] = int(row[number % 2].number_input(words, *LIMITS[name], standing, 1))
        if st.form_submit_button("Enregistrer les réglages", type="primary"):
            do(
                lambda: set_kitchen(records(), visit.actor, view.typed_setting(place, texts, wholes)),
                "Réglages enregistrés. Les quantités suivent au prochain calcul.",
            )
