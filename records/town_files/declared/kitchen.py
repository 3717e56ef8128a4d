"""Files of the kitchen: menus, settings, orders, what was weighed, trays that were served."""

from __future__ import annotations

from domain.kitchen import DISH_WORDS, WASTE_WORDS
from records.models import KitchenSetting, MealOrder, MealWaste, Menu, TrayMark
from records.models.kitchen import GRAMS_MAX, MINIMUM_MAX, PACK_MAX, PORTIONS_MAX
from records.operations.kitchen_settings import HORIZON_DAYS_MAX
from records.town_files.columns import TownFile, col, numbered, to
from records.town_files.declared.terminals import recorded
from records.town_files.kinds import DAY, EUROS, TEXT, YES_NO, choice, whole

DISH = choice({words: code for code, words in DISH_WORDS.items()})
HORIZON = choice({"fournisseur": "supplier", "ferme": "firm", "veille": "day_before", "matin": "morning"})
WASTE = choice({words: code for code, words in WASTE_WORDS.items()})
_PLACE = ("structure", "structure_id", "structures", "Le lieu.", "jean-moulin")
_SERVICE = ("service", "service_id", "services", "Le service.", "cantine")
_EVERYWHERE = ("structure", "structure_id", "structures", "Le lieu ; vide : partout.", "")
_DAYS = whole(1, HORIZON_DAYS_MAX, "jours")

FILES = (
    TownFile(
        "menus",
        "Les menus",
        "le menu d'un jour, partout ou dans un lieu",
        Menu,
        (
            to(*_EVERYWHERE),
            col("jour", "day", DAY, "Jour du menu.", "2026-11-30"),
            col("menu", "label", TEXT, "Ce qui est servi.", "Gratin de courge"),
            col("plat", "dish", DISH, "Le plat principal.", "végétarien"),
        ),
    ),
    TownFile(
        "cuisine_reglages",
        "Les réglages de la cuisine",
        "comment les repas se commandent à partir d'un jour ; la dernière ligne d'un jour compte",
        KitchenSetting,
        (
            to(*_EVERYWHERE),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("decision", "decision", TEXT, "Qui l'a décidé.", "Marché 2026-4"),
            col("fournisseur", "supplier", TEXT, "Qui livre ou prépare.", "Cuisine centrale"),
            col("courriel", "mail", TEXT, "Où part la commande.", "commandes@cuisine.example"),
            col("conditionnement", "pack", whole(1, PACK_MAX, "portions"), "Portions par colis.", "5"),
            col("minimum", "minimum", whole(0, MINIMUM_MAX, "portions"), "Le moins par régime et livraison.", "0"),
            col("fournisseur_jours", "supplier_days", _DAYS, "Jours avant, commande au fournisseur.", "35"),
            col("ferme_jours", "firm_days", _DAYS, "Jours avant, commande ferme.", "7"),
            col("cout_manquant", "missing_cents", EUROS, "Ce que coûte un repas qui manque.", "9,00"),
            col("cout_perdu", "wasted_cents", EUROS, "Ce que coûte un repas perdu.", "3,00"),
            *recorded(),
        ),
        derived={"seq": numbered("structure_id", "valid_from")},
    ),
    TownFile(
        "repas_commandes",
        "Les repas commandés",
        "les repas d'un régime commandés pour un lieu et un jour ; la dernière ligne d'une échéance compte",
        MealOrder,
        (
            to(*_PLACE),
            to(*_SERVICE),
            col("jour", "day", DAY, "Jour du repas.", "2026-11-30"),
            col("regime", "diet_code", TEXT, "Code du régime.", "standard"),
            col("regime_libelle", "diet_label", TEXT, "Nom du régime.", "Standard"),
            col("echeance", "horizon", HORIZON, "Quand la commande est faite.", "ferme"),
            col("portions", "quantity", whole(0, PORTIONS_MAX), "Repas commandés.", "60"),
            col("proposees", "proposed", whole(0, PORTIONS_MAX), "Ce que l'estimation proposait.", "58"),
            col("raison", "reason", TEXT, "Pourquoi.", ""),
            *recorded(),
        ),
        derived={"seq": numbered("structure_id", "service_id", "day", "diet_code", "horizon")},
    ),
    TownFile(
        "repas_restes",
        "Les restes pesés",
        "ce qui est resté d'un service ; la dernière ligne compte",
        MealWaste,
        (
            to(*_PLACE),
            to(*_SERVICE),
            col("jour", "day", DAY, "Jour du repas.", "2026-11-30"),
            col("nature", "kind", WASTE, "Ce qui est pesé.", "restes des assiettes"),
            col("grammes", "grams", whole(0, GRAMS_MAX, "grammes"), "Poids.", "2400"),
            *recorded(),
        ),
        derived={"seq": numbered("structure_id", "service_id", "day", "kind")},
    ),
    TownFile(
        "plateaux",
        "Les plateaux servis",
        "le plateau d'une personne qui a un PAI, servi ou pas ; la dernière ligne compte",
        TrayMark,
        (
            to("personne", "person_id", "personnes", "La personne.", "P0001"),
            to(*_SERVICE),
            to(*_PLACE),
            col("jour", "day", DAY, "Jour du repas.", "2026-11-30"),
            col("servi", "is_served", YES_NO, "Servi ; « non » corrige.", "oui"),
            *recorded(),
        ),
        derived={"seq": numbered("person_id", "service_id", "day")},
    ),
)
