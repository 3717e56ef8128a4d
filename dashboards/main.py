"""Staff pages: run by `streamlit run dashboards/main.py` with MARELLE_HOME and MARELLE_PORTAL_URL set.

Each person gets the pages of their rights and no other; each page asks the right again for its own query.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboards.context import Visit, portal_url, visit_of_page
from dashboards.look import FOLDER, enable_theme
from dashboards.screens import caf_balance, kitchen, present_now
from dashboards.screens.common import show_failures
from records.actors import Right

PAGES: dict[str, list[tuple[str, str, str, Right, Callable[[Visit], None]]]] = {
    "Pilotage": [("Présents maintenant", "presents", ":material/groups:", Right.SEE_PRESENCE, present_now.page)],
    "Cuisine": [
        ("Repas prévus et servis", "cuisine", ":material/restaurant:", Right.SEE_MEALS, kitchen.page),
    ],
    "CAF": [("Bilan CAF", "bilan-caf", ":material/assignment:", Right.SEE_CAF, caf_balance.page)],
}


def main() -> None:
    """Draw the navigation of the person signed in, and the page asked for."""
    st.set_page_config(page_title="Marelle", page_icon=str(FOLDER / "static" / "marelle.svg"), layout="wide")
    enable_theme()
    visit = visit_of_page()
    if visit is None:
        st.navigation([st.Page(_signed_out, title="Se connecter", url_path="connexion")], position="hidden").run()
        return
    if visit.site.is_training:
        st.warning("**BASE D'ENTRAÎNEMENT – rien n'est réel**")
    pages = {
        section: [
            st.Page(show_failures(draw, visit), title=title, url_path=path, icon=icon)
            for title, path, icon, right, draw in entries
            if visit.actor.may_somewhere(right)
        ]
        for section, entries in PAGES.items()
    }
    open_pages = {section: found for section, found in pages.items() if found}
    if open_pages:
        chosen = st.navigation(open_pages)
    else:
        chosen = st.navigation([st.Page(_nothing_open, title="Accueil", url_path="accueil")], position="hidden")
    _who(visit)
    chosen.run()


def _who(visit: Visit) -> None:
    with st.sidebar:
        st.markdown(f"{visit.actor.name}  \n{visit.site.town}")
        st.link_button("Se déconnecter", f"{portal_url()}/deconnexion", icon=":material/logout:")


def _signed_out() -> None:
    st.title("Connectez-vous")
    st.markdown(
        "Cette page est réservée aux agents. Votre session n'est pas ouverte, "
        "ou elle s'est fermée après 30 minutes sans activité."
    )
    st.link_button("Se connecter", f"{portal_url()}/connexion?suite=dashboards", type="primary")


def _nothing_open() -> None:
    st.title("Aucune page ne vous est ouverte")
    st.markdown("Votre compte n'a pas de droit sur ces pages. Demandez-le à l'administration du service.")
    st.link_button("Se déconnecter", f"{portal_url()}/deconnexion")


main()
