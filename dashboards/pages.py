"""The staff pages: their sections, words, addresses, and the right that each asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboards.context import Visit
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
from records.actors import Actor, Right

ROOT, UNKNOWN_ADDRESS = "accueil", "adresse-inconnue"  # addresses that no menu shows


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
