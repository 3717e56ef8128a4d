"""Staff pages: run by `streamlit run dashboards/main.py` with MARELLE_HOME and MARELLE_PORTAL_URL set.

Each person gets the pages of their rights and no other; each page asks the right again for its own query.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboards.context import Visit, portal_url, visit_of_page
from dashboards.look import FOLDER, enable_theme
from dashboards.screens import (
    caf_accounts,
    caf_balance,
    caf_counts,
    caf_declarations,
    caf_settings,
    controls,
    coverages,
    events,
    frequentation,
    invoices,
    kitchen,
    kitchen_settings,
    meal_orders,
    menus,
    month_end,
    officials,
    present_now,
    staffing,
    state_values,
    terminals,
    trays,
    what_if,
)
from dashboards.screens.common import show_failures
from records.actors import Actor, Right


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the tree: its section, words, address, the right it asks for, and what draws it."""

    section: str
    title: str
    path: str
    icon: str
    right: Right
    draw: Callable[[Visit], None]
    is_for_town: bool = False  # the right must hold in the whole collectivity

    def opens_to(self, actor: Actor) -> bool:
        """Return whether the page has something for this person."""
        if self.is_for_town:
            return actor.may(self.right)
        return actor.may_somewhere(self.right) or actor.may_for_own_class(self.right)


ENTRIES = (
    Entry("Pilotage", "Présents maintenant", "presents", ":material/groups:", Right.SEE_PRESENCE, present_now.page),
    Entry(
        "Pilotage",
        "Fréquentation",
        "frequentation",
        ":material/bar_chart:",
        Right.DECIDE_ATTENDANCE,
        frequentation.page,
    ),
    Entry(
        "Pilotage",
        "Élus",
        "elus",
        ":material/location_city:",
        Right.SEE_FIGURES,
        officials.page,
        is_for_town=True,
    ),
    Entry("Pilotage", "Terminaux", "terminaux", ":material/router:", Right.DECIDE_ATTENDANCE, terminals.page),
    Entry("Mois", "Fin de mois", "fin-de-mois", ":material/event_available:", Right.SEE_FAMILIES, month_end.page),
    Entry("Mois", "Contrôles", "controles", ":material/fact_check:", Right.SEE_FAMILIES, controls.page),
    Entry("Mois", "Factures", "factures", ":material/receipt_long:", Right.SEE_MONEY, invoices.page),
    Entry("Cuisine", "Repas prévus et servis", "cuisine", ":material/restaurant:", Right.SEE_MEALS, kitchen.page),
    Entry(
        "Cuisine",
        "Repas estimés et commande",
        "commande-repas",
        ":material/shopping_cart:",
        Right.SEE_MEALS,
        meal_orders.page,
    ),
    Entry("Cuisine", "Menus", "menus", ":material/menu_book:", Right.SEE_MEALS, menus.page),
    Entry(
        "Cuisine",
        "Réglages de la cuisine",
        "reglages-cuisine",
        ":material/tune:",
        Right.SEE_MEALS,
        kitchen_settings.page,
    ),
    Entry("Cuisine", "Plateaux", "plateaux", ":material/lunch_dining:", Right.SEE_HEALTH, trays.page),
    Entry(
        "Mois", "Prises en charge", "prises-en-charge", ":material/handshake:", Right.EDIT_COVERAGES, coverages.page
    ),
    Entry(
        "Mois",
        "Simuler un tarif",
        "simuler-un-tarif",
        ":material/balance:",
        Right.SEE_MONEY,
        what_if.page,
        is_for_town=True,
    ),
    Entry(
        "CAF",
        "Encadrement",
        "encadrement",
        ":material/supervisor_account:",
        Right.DECIDE_ATTENDANCE,
        staffing.page,
    ),
    Entry("CAF", "Bilan CAF", "bilan-caf", ":material/assignment:", Right.SEE_CAF, caf_balance.page),
    Entry(
        "CAF",
        "Déclarations CAF",
        "declarations-caf",
        ":material/outgoing_mail:",
        Right.SEE_CAF,
        caf_declarations.page,
    ),
    Entry(
        "CAF",
        "Comptes de la structure",
        "comptes-structure",
        ":material/account_balance:",
        Right.DECLARE_CAF,
        caf_accounts.page,
    ),
    Entry("CAF", "Convention CAF", "convention-caf", ":material/handshake:", Right.SEE_CAF, caf_settings.page),
    Entry("CAF", "Comptages", "comptages", ":material/tag:", Right.DECLARE_CAF, caf_counts.page),
    Entry(
        "Réglages",
        "Fermetures, grèves et sorties",
        "fermetures",
        ":material/event_busy:",
        Right.DECIDE_ATTENDANCE,
        events.page,
    ),
    Entry(
        "Réglages",
        "Paramètres nationaux",
        "parametres-nationaux",
        ":material/tune:",
        Right.ADMINISTER,
        state_values.page,
        is_for_town=True,
    ),
)


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

    hidden = [st.Page(root, title="Marelle", url_path="accueil", default=True, visibility="hidden")]
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


def _nothing_open() -> None:
    st.title("Aucune page ne vous est ouverte")
    st.markdown("Votre compte n'a pas de droit sur ces pages. Demandez-le à l'administration du service.")
    st.link_button("Se déconnecter", f"{portal_url()}/deconnexion")


main()
