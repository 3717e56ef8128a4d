"""Files of when and how many: opening hours, capacities, events, booking rules, State values."""

from __future__ import annotations

from records.models import BookingRule, CalendarEvent, StateValue, StructureCapacity, StructureOpening
from records.town_files.columns import TownFile, col, numbered, to
from records.town_files.declared.terminals import recorded
from records.town_files.kinds import CLOCK, DAY, INSTANT, REF, TEXT, WEEKDAY, YES_NO, choice, whole

PERIOD = choice({"scolaire": "school", "vacances": "holiday"})
EVENT = choice({"fermeture": "closure", "sortie": "outing", "grève": "strike", "grève assurée": "strike_served"})
PORTAL = choice(
    {"caché": "hidden", "information": "information", "demandes": "requests", "automatique": "automatic"}
)
DEADLINE = choice({"jours avant": "days_before", "jour de semaine": "weekday_before", "aucun": "none"})
LATE = choice({"refusé": "refused", "facturé": "billed", "accepté": "accepted"})

FILES = (
    TownFile(
        "horaires",
        "Les horaires des lieux",
        "un jour de semaine d'un lieu à partir d'un jour ; sans heures : fermé",
        StructureOpening,
        (
            to("structure", "structure_id", "structures", "Le lieu.", "jean-moulin"),
            col("periode", "period", PERIOD, "Semaines d'école ou vacances.", "scolaire"),
            col("jour", "weekday", WEEKDAY, "Jour de semaine.", "lundi"),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("ouvre", "open_minute", CLOCK, "Ouverture.", "07:30"),
            col("ferme", "close_minute", CLOCK, "Fermeture.", "18:30"),
            col("pause_debut", "shut_from_minute", CLOCK, "Fermé à partir de, dans la journée.", ""),
            col("pause_fin", "shut_until_minute", CLOCK, "Ouvert à nouveau à.", ""),
            *recorded(),
        ),
        derived={"seq": numbered("structure_id", "period", "weekday", "valid_from")},
    ),
    TownFile(
        "capacites",
        "Les capacités",
        "un nombre de places d'un lieu, pour des âges, à partir d'un jour",
        StructureCapacity,
        (
            to("structure", "structure_id", "structures", "Le lieu.", "jean-moulin"),
            to("service", "service_id", "services", "Le service ; vide : tous ensemble.", ""),
            col("jour", "weekday", WEEKDAY, "Jour de semaine ; vide : tous.", ""),
            col("heure_debut", "start_minute", CLOCK, "Début, au quart d'heure ; vide : la journée.", ""),
            col("heure_fin", "end_minute", CLOCK, "Fin, au quart d'heure.", ""),
            col("age_min_mois", "age_from_months", whole(0, 1800, "mois"), "Âge à partir duquel.", "36"),
            col("age_max_mois", "age_to_months", whole(1, 1800, "mois"), "Âge jusqu'auquel, exclu.", "72"),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("places", "places", whole(), "Nombre de places ; 0 ferme le groupe.", "24"),
            col("declaree", "is_declared", YES_NO, "Déclarée à l'État.", "oui"),
            col("decision", "decision", TEXT, "D'où vient ce nombre.", "Récépissé 2026"),
            *recorded(),
        ),
        derived={
            "seq": numbered(
                "structure_id",
                "service_id",
                "weekday",
                "start_minute",
                "end_minute",
                "age_from_months",
                "age_to_months",
                "valid_from",
            )
        },
    ),
    TownFile(
        "evenements",
        "Les fermetures, sorties et grèves",
        "un événement",
        CalendarEvent,
        (
            col("reference", "ref", REF, "Référence.", "greve-2026-12-03"),
            col("type", "kind", EVENT, "Type d'événement.", "grève"),
            col("libelle", "label", TEXT, "Nom affiché.", "Grève du 3 décembre"),
            col("debut", "starts_on", DAY, "Premier jour.", "2026-12-03"),
            col("fin_exclue", "ends_on", DAY, "Premier jour qui n'en fait plus partie.", "2026-12-04"),
            col("heure_debut", "start_minute", CLOCK, "Début ; vide : la journée.", ""),
            col("heure_fin", "end_minute", CLOCK, "Fin.", ""),
            to("structure", "structure_id", "structures", "Le lieu ; vide : tous.", ""),
            to("classe", "class_id", "classes", "La classe ; vide : toutes.", ""),
            to("service", "service_id", "services", "Le service ; vide : tous.", ""),
            to("motif", "absence_reason_id", "motifs_absence", "Motif d'absence.", ""),
            col("commentaire", "comment", TEXT, "Remarque.", ""),
            col("annule_le", "cancelled_at", INSTANT, "Quand il a été annulé.", ""),
        ),
        key=("reference",),
    ),
    TownFile(
        "regles_reservation",
        "Les règles de réservation",
        "comment et jusqu'à quand un service se réserve, à partir d'un jour",
        BookingRule,
        (
            to("service", "service_id", "services", "Le service.", "cantine"),
            to("structure", "structure_id", "structures", "Le lieu ; vide partout.", ""),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("decision", "decision", TEXT, "Délibération ou règlement.", "Délibération 2026-12"),
            col("portail", "portal_mode", PORTAL, "Ce que le portail permet.", "demandes"),
            col("ouvre_le", "opens_on", DAY, "Ouverture des réservations.", ""),
            col("ferme_le", "closes_on", DAY, "Fermeture des réservations.", ""),
            col("delai", "deadline_rule", DEADLINE, "Comment le délai se compte.", "jours avant"),
            col("delai_jours", "deadline_days", whole(0, 365), "Jours avant.", "2"),
            col("jours_ouverts", "counts_open_days", YES_NO, "Seuls les jours ouverts comptent.", "oui"),
            col("delai_jour", "deadline_weekday", WEEKDAY, "Jour de semaine limite.", ""),
            col("delai_semaines", "deadline_weeks", whole(0, 52), "Semaines avant.", ""),
            col("delai_heure", "deadline_minute", CLOCK, "Heure limite.", "10:00"),
            col("apres_delai", "after_deadline", LATE, "Ce que devient une demande tardive.", "refusé"),
            col("de_a", "is_from_to", YES_NO, "Se réserve de–à.", "non"),
            col("liste_attente", "has_waiting_list", YES_NO, "A une liste d'attente.", "oui"),
            *recorded(),
        ),
        derived={"seq": numbered("service_id", "structure_id", "valid_from")},
    ),
    TownFile(
        "valeurs_etat",
        "Les valeurs nationales saisies",
        "une valeur nationale plus récente que cette version de Marelle",
        StateValue,
        (
            col("parametre", "parameter_id", TEXT, "Nom du paramètre.", "caf.eaje.floor_cents"),
            col("debut", "valid_from", DAY, "Premier jour.", "2027-01-01"),
            col("valeur", "value", TEXT, "La valeur, dans l'unité du paramètre.", "0.0619"),
            col("source", "source", TEXT, "D'où elle vient.", "Circulaire 2026-011"),
            *recorded(),
        ),
        derived={"seq": numbered("parameter_id", "valid_from")},
    ),
)
