"""Files of prices: tariffs, their dated versions, the rules of each, and the zones of residence."""

from __future__ import annotations

from domain.names import search_key
from records.models import ResidenceZone, Tariff, TariffRule, TariffVersion
from records.town_files.columns import Join, TownFile, col, to
from records.town_files.kinds import (
    DAY,
    EUROS,
    PRICE,
    QF,
    RATE,
    REF,
    SIGNED_PRICE,
    TEXT,
    YES_NO,
    choice,
    whole,
)

KIND = choice(
    {
        "dépassement d'horaire": "late_pickup",
        "adhésion": "membership",
        "séjour": "sejour",
        "contrat": "contract",
        "dépassement de contrat": "overtime",
        "déduction": "deduction",
    }
)
SITUATION = choice(
    {
        "présent": "present",
        "présent sans réservation": "present_unexpected",
        "prévu": "planned",
        "absence non décidée": "absent_undecided",
        "absence déclarée": "absent_declared",
        "absence non justifiée": "absent_unjustified",
        "absence justifiée": "absent_justified",
    }
)
ORIGIN = choice({"semaine type": "pattern", "jour réservé": "single"})
DAY_KIND = choice(
    {"jour d'école": "school_day", "mercredi": "wednesday", "vacances": "holiday", "fin de semaine": "weekend"}
)
FORM = choice(
    {
        "prix fixe": "flat",
        "taux": "rate",
        "droite": "linear",
        "barème psu": "psu",
        "ajouter": "add",
        "pourcentage": "percent",
        "remplacer": "replace",
        "minimum": "minimum",
        "maximum": "maximum",
    }
)
UNIT = choice(
    {
        "repas": "meal",
        "formule": "formula",
        "séance": "session",
        "journée": "day",
        "demi-journée": "half_day",
        "unité commencée": "unit_begun",
        "heure": "hour",
        "minute": "minute",
        "nuit": "night",
        "séjour": "sejour",
        "mois": "month",
        "année scolaire": "school_year",
        "fois": "occurrence",
    }
)
APPLIES_TO = choice({"prix d'une unité": "unit", "ligne": "line"})
BASIS = choice({"qf": "qf", "revenu": "income", "accueil collectif": "collective", "accueil familial": "family"})
PACKAGE = choice({"inscription": "enrolled", "venue": "attended"})
RANKED_AMONG = choice({"dossier": "household", "inscrits": "enrolled", "même jour": "same_day"})
MONTHS, CHILDREN, MINUTES = whole(0, 1200, "mois"), whole(0, 99), whole(0, 527_040, "minutes")
RANK = whole(1, 99)
UNIT_MINUTES = whole(1, 1440, "minutes")
STEP_MODE = choice({"vers le haut": "up", "vers le bas": "down"})

_CONDITIONS = (
    col("nature", "kind", KIND, "Ligne particulière ; vide : la ligne ordinaire du jour.", ""),
    col("categorie", "category", TEXT, "Catégorie tarifaire ; vide pour toutes.", "commune"),
    col("formule", "formula", TEXT, "Code de la formule ; vide pour toutes.", ""),
    col("residence", "residence", TEXT, "Zone de résidence ; vide pour toutes.", ""),
    col("niveau", "level", TEXT, "Niveau de la classe ; vide pour tous.", ""),
    col("situation", "situation", SITUATION, "Ce qu'est devenu le jour ; vide pour tout.", ""),
    col("reserve_tard", "is_booked_late", YES_NO, "Réservé après le délai ; vide : peu importe.", ""),
    col("origine", "origin", ORIGIN, "D'où vient la réservation ; vide pour toutes.", ""),
    col("type_jour", "day_kind", DAY_KIND, "Type de jour ; vide pour tous.", ""),
    col("qf_de", "qf_from_e2", QF, "QF à partir duquel le prix vaut, compris ; vide sans borne.", "0,00"),
    col("qf_a_exclu", "qf_to_e2", QF, "QF à partir duquel il ne vaut plus ; vide sans borne.", "500,00"),
    col("revenu_de", "income_from_cents", EUROS, "Revenu mensuel à partir duquel il vaut, compris.", ""),
    col("revenu_a_exclu", "income_to_cents", EUROS, "Revenu mensuel à partir duquel il ne vaut plus.", ""),
    col("rang_enfant_de", "rank_from", RANK, "Premier rang dans la fratrie.", ""),
    col("rang_enfant_a", "rank_to", RANK, "Dernier rang dans la fratrie, compris.", ""),
    col("age_de", "age_from_months", MONTHS, "Âge en mois à partir duquel il vaut, compris.", ""),
    col("age_a_exclu", "age_to_months", MONTHS, "Âge en mois à partir duquel il ne vaut plus.", ""),
    col("enfants_de", "children_from", CHILDREN, "Enfants à charge, au moins.", ""),
    col("enfants_a", "children_to", CHILDREN, "Enfants à charge, au plus.", ""),
    col("fratrie_de", "siblings_from", RANK, "Enfants comptés du dossier, celui-ci compris, au moins.", ""),
    col("fratrie_a", "siblings_to", RANK, "Enfants comptés du dossier, celui-ci compris, au plus.", ""),
    col("avance_de", "lead_from_minutes", MINUTES, "Réservé au moins ce temps avant le début.", ""),
    col("avance_a_exclu", "lead_to_minutes", MINUTES, "Réservé moins que ce temps avant le début.", ""),
)
_EFFECT = (
    col("forme", "form", FORM, "Comment le prix se calcule.", "prix fixe", default="flat"),
    col("unite", "unit", UNIT, "Ce que le prix paie ; vide pour ce qui modifie un prix.", "repas"),
    col(
        "unite_minutes", "unit_minutes", UNIT_MINUTES, "Durée d'une unité commencée ; vide : celle du service.", ""
    ),
    col("porte_sur", "applies_to", APPLIES_TO, "Ce qui est modifié ; vide pour un prix.", ""),
    col("montant", "amount_e4", SIGNED_PRICE, "Prix d'une unité, ou montant ; vide pour un pourcentage.", "1,20"),
    col("montant_a", "amount_to_e4", PRICE, "Prix au bout d'une droite.", ""),
    col("taux", "rate_e6", RATE, "Taux, en pour cent de l'assiette ou du prix.", ""),
    col("assiette", "basis", BASIS, "Ce dont on prend le taux.", ""),
    col("plancher", "floor_e4", PRICE, "Prix le plus bas d'un taux.", ""),
    col("plafond", "ceiling_e4", PRICE, "Prix le plus haut d'un taux.", ""),
    col("au_dela_plafond", "above_ceiling", YES_NO, "Barème PSU : le taux continue au-delà du plafond.", ""),
)

FILES = (
    TownFile(
        "tarifs",
        "Les tarifs",
        "la grille de prix d'un service",
        Tariff,
        (
            col("reference", "ref", REF, "Référence du tarif.", "tarif-cantine"),
            to("service", "service_id", "services", "Le service.", "cantine"),
            col("libelle", "label", TEXT, "Nom affiché.", "Restaurant scolaire"),
        ),
        key=("reference",),
        rules=("one_tariff",),
    ),
    TownFile(
        "tarifs_versions",
        "Les versions des tarifs",
        "une grille votée, à partir d'un jour",
        TariffVersion,
        (
            to("tarif", "tariff_id", "tarifs", "Le tarif.", "tarif-cantine"),
            col("debut", "valid_from", DAY, "Premier jour ; la version suivante la remplace.", "2026-09-01"),
            col("decision", "decision", TEXT, "Délibération.", "Délibération 2026-44"),
            col("arrondi_prix", "unit_step_e4", PRICE, "Le prix d'une unité est arrondi à ce pas.", ""),
            col("arrondi_vers", "unit_step_mode", STEP_MODE, "Sens de cet arrondi ; vide : au plus près.", ""),
            col("rang_parmi", "rank_basis", RANKED_AMONG, "Parmi quels enfants du dossier le rang se compte.", ""),
            col("forfait_des", "package_basis", PACKAGE, "Ce qui rend une adhésion due ; vide : inscription.", ""),
        ),
        key=("tarif", "debut"),
        rules=("tariff_versions",),
    ),
    TownFile(
        "tarifs_lignes",
        "Les prix",
        "une ligne d'une version : le premier prix dont les conditions tiennent, puis tout ce qui le modifie",
        TariffRule,
        (
            col("tarif", None, REF, "Le tarif.", "tarif-cantine", target="tarifs", is_needed=True),
            col("debut", None, DAY, "Début de la version.", "2026-09-01", is_needed=True),
            col("rang", "ordinal", whole(1), "Ordre d'essai, à partir de 1.", "1"),
            col("libelle", "label", TEXT, "Nom du prix, montré aux familles.", "QF de 0 à moins de 500"),
            *_CONDITIONS,
            *_EFFECT,
        ),
        joins=(Join("version_id", "tarifs_versions", ("tarif", "debut")),),
        rules=("tariff_rules",),
    ),
    TownFile(
        "zones_residence",
        "Les zones de résidence",
        "la zone d'une commune, à partir d'un jour",
        ResidenceZone,
        (
            col("commune", "commune", TEXT, "La commune ; une commune absente est hors zone.", "Saint-Étienne"),
            col("zone", "zone", TEXT, "Code de la zone, choisi par vous.", "territoire"),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("decision", "decision", TEXT, "Délibération.", "Délibération 2026-44"),
        ),
        derived={"commune_key": lambda values: [search_key(each or "") for each in values["commune"]]},
        rules=("residence_zones",),
    ),
)
