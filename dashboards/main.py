"""Staff pages: run by `dashboards/server.py` with MARELLE_HOME and MARELLE_PORTAL_URL set.

Each person gets the pages of their rights and no other; each page asks the right again for its own query.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboards.context import Visit, portal_url, visit_of_page
from dashboards.look import FOLDER, enable_theme
from dashboards.pages import ENTRIES, ROOT, UNKNOWN_ADDRESS
from dashboards.screens.common import show_failures


def main() -> None:
    """Draw the navigation of the person signed in, and the page asked for."""
    st.set_page_config(page_title="Marelle", page_icon=str(FOLDER / "static" / "marelle.svg"), layout="wide")
    enable_theme()
    visit = visit_of_page()
    if visit is None:
        _tree({}, _signed_out).run()
        return
    if visit.site.is_training:
        st.warning("**BASE D'ENTRAÎNEMENT – rien n'est réel**", icon=":material/school:")
    pages: dict[str, st.Page] = {
        entry.path: st.Page(
            show_failures(entry.draw, visit), title=entry.title, url_path=entry.path, icon=entry.icon
        )
        for entry in ENTRIES
        if entry.opens_to(visit.actor)
    }
    chosen = _tree(pages, _nothing_open)
    if pages:
        _who(visit)
    chosen.run()


def _tree(pages: dict[str, st.Page], otherwise: Callable[[], None]) -> st.Page:
    """Return the page asked for; `otherwise` is drawn everywhere for somebody who has no page.

    Every address of ENTRIES exists for everybody, so that a link never ends on Streamlit's own English words. The
    first page has an address of its own: the root only leads to it.
    """
    first = next(iter(pages.values()), None)

    def root() -> None:
        if first is None:
            otherwise()
        else:
            st.switch_page(first)

    def not_open() -> None:
        if first is None:
            otherwise()
        else:
            _not_open(first)

    def unknown() -> None:
        if first is None:
            otherwise()
        else:
            _unknown(first)

    hidden = [
        st.Page(root, title="Marelle", url_path=ROOT, default=True, visibility="hidden"),
        st.Page(unknown, title="Adresse inconnue", url_path=UNKNOWN_ADDRESS, visibility="hidden"),
    ]
    hidden += [
        st.Page(not_open, title=entry.title, url_path=entry.path, visibility="hidden")
        for entry in ENTRIES
        if entry.path not in pages
    ]
    tree: dict[str, list[st.Page]] = {"": hidden}
    for entry in ENTRIES:
        if entry.path in pages:
            tree.setdefault(entry.section, []).append(pages[entry.path])
    return st.navigation(tree, position="sidebar" if pages else "hidden", expanded=True)


def _who(visit: Visit) -> None:
    with st.sidebar:
        st.markdown(f"{visit.actor.name}  \n{visit.site.town}")
        st.link_button("Mon compte", f"{portal_url()}/compte", icon=":material/account_circle:")
        st.link_button("Se déconnecter", f"{portal_url()}/deconnexion", icon=":material/logout:")


def _signed_out() -> None:
    st.title("Connectez-vous")
    st.markdown(
        "Cette page est réservée aux agents. Votre session n'est pas ouverte, "
        "ou elle s'est fermée après 30 minutes sans activité."
    )
    st.link_button("Se connecter", f"{portal_url()}/connexion?suite=dashboards", type="primary")


def _not_open(first: st.Page) -> None:
    st.title("Cette page ne vous est pas ouverte")
    st.markdown("Votre compte n'a pas de droit sur cette page. Demandez-le à l'administration du service.")
    st.page_link(first, label=f"Aller à « {first.title} »", icon=":material/arrow_forward:")


def _unknown(first: st.Page) -> None:
    st.title("Cette page n'existe pas")
    st.markdown("L'adresse est peut-être mal tapée, ou la page a changé de nom. Le menu mène à toutes vos pages.")
    st.page_link(first, label=f"Aller à « {first.title} »", icon=":material/arrow_forward:")


def _nothing_open() -> None:
    st.title("Aucune page ne vous est ouverte")
    st.markdown("Votre compte n'a pas de droit sur ces pages. Demandez-le à l'administration du service.")
    st.link_button("Se déconnecter", f"{portal_url()}/deconnexion")


main()
