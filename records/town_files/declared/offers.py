"""Files of what is offered: services, their places, formulas and rules, reasons of absence."""

from __future__ import annotations

from records.models import (
    AbsenceReason,
    Service,
    ServiceFormula,
    ServicePlace,
    ServiceRule,
)
from records.town_files.columns import TownFile, col, to
from records.town_files.kinds import CLOCK, DAY, REF, TEXT, WEEKDAYS, YEARLY_DAY, YES_NO, choice, whole

SERVICE_KIND = choice(
    {
        "cantine": "canteen",
        "accueil du matin": "morning_care",
        "accueil du soir": "evening_care",
        "activité périscolaire": "tap_activity",
        "mercredi": "leisure_wednesday",
        "vacances": "leisure_holiday",
        "séjour": "sejour",
        "jeunes": "youth_club",
        "halte-garderie": "daycare",
        "transport": "transport",
        "accueil libre": "drop_in",
    }
)
CAF_KIND = choice(
    {
        "périscolaire matin": "periscolaire_morning",
        "périscolaire midi": "periscolaire_midday",
        "périscolaire soir": "periscolaire_evening",
        "périscolaire mercredi": "periscolaire_wednesday",
        "extrascolaire": "extrascolaire",
        "jeunes": "youth",
        "eaje": "eaje",
        "aucun": "none",
    }
)
PERIOD = choice({"scolaire": "school", "vacances": "holiday", "toujours": "any"})
BASIS = choice({"présence": "presence", "réservation": "booking"})
UNDECIDED = choice({"facturé": "billed", "non facturé": "not_billed", "aucune ligne": "no_line"})
COUNTED_DAYS = choice({"jours d'accueil": "service_day"})
QF_BACKDATING = choice(
    {"à sa date": "from_effect", "au jour reçu": "from_record", "au mois reçu": "from_record_month"}
)
QF_RULE = choice(
    {
        "du jour": "on_day",
        "du 1er du mois": "month_start",
        "du 1er septembre": "school_year",
        "du 1er janvier": "january",
        "du 1er septembre et du 1er janvier": "january_september",
    }
)
HOUR_RULE = choice(
    {
        "plage entière": "slot_full",
        "formule": "formula_capped",
        "unité facturée": "billed_unit",
        "séjour": "sejour",
        "réel": "real",
        "aucune": "none",
    }
)
ROUNDED = choice({"durée": "duration", "arrivée et départ": "ends", "arrivée": "arrival", "départ": "departure"})
ROUNDED_HOW = choice({"commencée": "begun", "la plus proche": "nearest", "écoulée": "elapsed"})

FILES = (
    TownFile(
        "services",
        "Les services",
        "une activité à laquelle on inscrit",
        Service,
        (
            col("reference", "ref", REF, "Référence du service.", "cantine"),
            col("libelle", "label", TEXT, "Nom affiché.", "Restaurant scolaire"),
            col("type", "kind", SERVICE_KIND, "Type de service.", "cantine"),
            col("type_caf", "caf_kind", CAF_KIND, "Ce que la CAF en compte.", "périscolaire midi"),
        ),
        key=("reference",),
    ),
    TownFile(
        "services_lieux",
        "Où chaque service est proposé",
        "un service à un lieu, pendant une période",
        ServicePlace,
        (
            to("service", "service_id", "services", "Le service.", "cantine"),
            to("structure", "structure_id", "structures", "Le lieu.", "jean-moulin"),
            col("debut", "valid_from", DAY, "Premier jour.", "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, "Premier jour où il n'est plus proposé ; vide sans fin.", ""),
        ),
        rules=("service_places",),
    ),
    TownFile(
        "services_formules",
        "Les formules",
        "une façon de venir à un service",
        ServiceFormula,
        (
            to("service", "service_id", "services", "Le service.", "mercredi"),
            col("code", "code", TEXT, "Code de la formule, unique dans le service.", "matin-repas"),
            col("libelle", "label", TEXT, "Nom affiché.", "Matin avec repas"),
            col("heure_debut", "start_minute", CLOCK, "Début.", "08:00"),
            col("heure_fin", "end_minute", CLOCK, "Fin.", "13:30"),
            col("demi_journees", "half_days", whole(1, 2), "Demi-journées comptées pour la CAF.", "1"),
            col("repas", "with_meal", YES_NO, "Le repas est compris.", "oui"),
        ),
    ),
    TownFile(
        "services_regles",
        "Les règles des services",
        "toutes les règles d'un service à partir d'un jour",
        ServiceRule,
        (
            to("service", "service_id", "services", "Le service.", "cantine"),
            to("structure", "structure_id", "structures", "Lieu où la règle vaut ; vide partout.", ""),
            col("debut", "valid_from", DAY, "Premier jour ; la règle suivante la remplace.", "2025-09-01"),
            col("decision", "decision", TEXT, "Délibération ou règlement.", "Délibération 2025-31"),
            col("periode", "period", PERIOD, "Semaines d'ouverture.", "scolaire"),
            col("jours", "weekday_mask", WEEKDAYS, "Jours d'ouverture.", "lundi mardi jeudi vendredi"),
            col("heure_debut", "slot_start_minute", CLOCK, "Début de la plage.", "11:30"),
            col("heure_fin", "slot_end_minute", CLOCK, "Fin de la plage.", "13:30"),
            col(
                "marge_minutes",
                "grace_minutes",
                whole(0, 1440, "minutes"),
                "Jusqu'où un pointage hors de la plage lui appartient encore.",
                "30",
            ),
            col(
                "anti_rebond_secondes",
                "anti_bounce_seconds",
                whole(0, 86_400, "secondes"),
                "Deux pointages plus proches n'en font qu'un.",
                "60",
            ),
            col("depart_attendu", "needs_departure", YES_NO, "Un départ doit être pointé.", "non"),
            col("unite_minutes", "rounding_minutes", whole(1, 1440, "minutes"), "Unité facturée.", "30"),
            col("arrondi_de", "rounding_on", ROUNDED, "Ce qui est arrondi.", "durée", default="duration"),
            col("arrondi", "rounding_mode", ROUNDED_HOW, "L'unité comptée.", "commencée", default="begun"),
            col(
                "tolerance_minutes",
                "tolerance_minutes",
                whole(0, 1440, "minutes"),
                "Minutes laissées avant l'unité suivante.",
                "5",
            ),
            col("base_facturation", "bill_basis", BASIS, "Ce qui est facturé.", "présence"),
            col(
                "absence_non_decidee",
                "undecided_default",
                UNDECIDED,
                "Ce que devient une absence que personne n'a décidée.",
                "facturé",
            ),
            col("regle_qf", "qf_rule", QF_RULE, "Quel QF compte.", "du jour"),
            col("qf_connu_le", "qf_known_on", YEARLY_DAY, "QF de l'année : le jour où il est regardé.", ""),
            col(
                "qf_recu_tard",
                "qf_backdating",
                QF_BACKDATING,
                "À partir de quand compte un QF reçu tard.",
                "à sa date",
                default="from_effect",
            ),
            col("heures_caf", "caf_hour_rule", HOUR_RULE, "Comment la CAF compte les heures.", "plage entière"),
            col("sert_repas", "serves_meal", YES_NO, "Le service sert un repas.", "oui"),
            col("est_facture", "is_priced", YES_NO, "Le service a un prix.", "oui"),
            col("note", "note", TEXT, "Remarque.", ""),
        ),
    ),
    TownFile(
        "motifs_absence",
        "Les motifs d'absence",
        "un motif",
        AbsenceReason,
        (
            col("reference", "ref", REF, "Référence du motif.", "maladie"),
            col("libelle", "label", TEXT, "Nom affiché.", "Maladie"),
            to("service", "service_id", "services", "Service concerné ; vide pour tous.", ""),
            col("justifie", "is_justified", YES_NO, "Absence justifiée (AJ), non facturée.", "oui"),
            col("piece_demandee", "needs_document", YES_NO, "Une pièce est demandée.", "oui"),
            col("choix_des_familles", "is_for_families", YES_NO, "Les familles peuvent le choisir.", "oui"),
            col(
                "jours_factures",
                "deducts_after_days",
                whole(0, 366, "jours"),
                "Jours qui restent facturés depuis le premier de l'absence ; vide : aucun.",
                "",
            ),
            col("jours_comptes", "deducts_after_unit", COUNTED_DAYS, "Ces jours ; vide : jours de calendrier.", ""),
            col("debut", "valid_from", DAY, "Premier jour.", "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, "Premier jour où il ne sert plus ; vide sans fin.", ""),
        ),
        key=("reference",),
    ),
)
