"""Files of who comes where: enrolments, their days and payers, bookings, badges."""

from __future__ import annotations

from records.models import (
    BadgeAssignment,
    BadgeChild,
    Booking,
    CareContract,
    Enrolment,
    EnrolmentPattern,
    EnrolmentPayer,
)
from records.town_files.columns import NOW, SIGNATURE, Join, TownFile, col, numbered, to
from records.town_files.kinds import CLOCK, DAY, INSTANT, REF, TEXT, WEEKDAY, YES_NO, choice, whole

WEEK = choice({"a": "A", "b": "B"})
PAYER_RULE = choice({"tout": "all", "garde": "custody"})
ACTION = choice(
    {
        "réserver": "book",
        "annuler": "cancel",
        "absence": "absence",
        "accepter": "accept",
        "refuser": "refuse",
        "attendre": "wait",
    }
)
CHANNEL = choice(
    {
        "portail": "portal",
        "guichet": "counter",
        "courrier": "post",
        "courriel": "email",
        "téléphone": "phone",
        "import": "import",
    }
)
_END = "Premier jour qui n'en fait plus partie ; vide sans fin."

FILES = (
    TownFile(
        "inscriptions",
        "Les inscriptions",
        "une personne inscrite à un service, à un lieu, pendant une période",
        Enrolment,
        (
            col("reference", "ref", REF, "Référence de l'inscription.", "I000456"),
            to("personne", "person_id", "personnes", "La personne ; des adultes mangent aussi.", "P000123"),
            to("service", "service_id", "services", "Le service.", "cantine"),
            to("structure", "structure_id", "structures", "Le lieu, qui doit le proposer.", "jean-moulin"),
            col("categorie", "category", TEXT, "Catégorie tarifaire.", "commune"),
            to("sejour", "sejour_id", "sejours", "Le séjour, pour un service de séjours.", ""),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, "2027-07-04"),
        ),
        key=("reference",),
        rules=("enrolments", "sejour_enrolments"),
    ),
    TownFile(
        "inscriptions_jours",
        "Les jours des inscriptions",
        "un jour de semaine d'une inscription, pendant une période",
        EnrolmentPattern,
        (
            to("inscription", "enrolment_id", "inscriptions", "L'inscription.", "I000456"),
            col("jour", "weekday", WEEKDAY, "Jour de semaine.", "lundi"),
            col("semaine", "week_cycle", WEEK, "Semaine a ou b ; vide : chaque semaine.", ""),
            col("ancre", "cycle_anchor_on", DAY, "Lundi où commence une semaine a ; vide sans semaine.", ""),
            col("heure_debut", "start_minute", CLOCK, "Arrivée prévue, pour un accueil de–à.", ""),
            col("heure_fin", "end_minute", CLOCK, "Départ prévu.", ""),
            col("formule", "formula", TEXT, "Code de la formule choisie.", ""),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, "2027-07-04"),
        ),
        rules=("patterns",),
    ),
    TownFile(
        "inscriptions_payeurs",
        "Les payeurs des inscriptions",
        "qui paie une inscription, pendant une période",
        EnrolmentPayer,
        (
            to("inscription", "enrolment_id", "inscriptions", "L'inscription.", "I000456"),
            to("payeur", "payer_id", "payeurs", "Le payeur.", "F0001-1"),
            col("part", "rule", PAYER_RULE, "tout, ou garde : les jours que le calendrier donne.", "tout"),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, "2027-07-04"),
        ),
        rules=("enrolment_payers",),
    ),
    TownFile(
        "contrats_accueil",
        "Les contrats d'accueil",
        "les heures qu'une inscription réserve, payées en mensualités égales ; la dernière ligne d'un jour compte",
        CareContract,
        (
            to("inscription", "enrolment_id", "inscriptions", "L'inscription.", "I000456"),
            col("debut", "valid_from", DAY, "Premier jour ; un avenant commence un premier du mois.", "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, "Premier jour qui n'en fait plus partie.", "2027-08-01"),
            col(
                "minutes_semaine", "minutes_per_week", whole(1, 10_080, "minutes"), "Réservées par semaine.", "1830"
            ),
            col("semaines", "weeks", whole(1, 53), "Nombre de semaines d'accueil.", "44"),
            col("minutes_retirees", "deducted_minutes", whole(0, 600_000, "minutes"), "Congés et fermetures.", "0"),
            col("mensualites", "months", whole(1, 60), "Nombre de mois facturés.", "11"),
            col("mois_sans_facture", "unbilled_month", whole(1, 12), "De 1 (janvier) à 12 ; vide : aucun.", ""),
            col("adaptation_fin_exclue", "free_until", DAY, "Fin de l'adaptation, sans dépassement facturé.", ""),
            col("enregistre_le", "recorded_at", INSTANT, "Vide : au moment de l'import.", "", default=NOW),
            col("enregistre_par", "recorded_by", TEXT, "Vide : qui importe.", "", default=SIGNATURE),
        ),
        derived={"seq": numbered("enrolment_id", "valid_from")},
        rules=("care_contracts",),
    ),
    TownFile(
        "reservations",
        "Les réservations",
        "un mot sur un jour d'une personne ; la dernière ligne d'un jour compte",
        Booking,
        (
            to("personne", "person_id", "personnes", "La personne.", "P000123"),
            to("service", "service_id", "services", "Le service.", "cantine"),
            to("structure", "structure_id", "structures", "Le lieu.", "jean-moulin"),
            col("jour", "day", DAY, "Le jour réservé.", "2026-11-24"),
            col("action", "action", ACTION, "Ce qui est dit de ce jour.", "réserver"),
            col("formule", "formula", TEXT, "Code de la formule.", ""),
            col("heure_debut", "start_minute", CLOCK, "Début, pour une réservation de–à.", ""),
            col("heure_fin", "end_minute", CLOCK, "Fin.", ""),
            col("raison", "reason", TEXT, "Pourquoi.", ""),
            to("motif", "absence_reason_id", "motifs_absence", "Motif d'absence.", ""),
            col("lot", "batch_ref", TEXT, "Ce qui joint les jours d'une même demande.", ""),
            col("canal", "channel", CHANNEL, "Par où la demande est venue.", "guichet"),
            col("recu_le", "received_on", DAY, "Jour de réception : il juge le délai.", "2026-11-18"),
            col("recu_a", "received_minute", CLOCK, "Heure de réception, si elle est connue.", ""),
            col("tardif", "is_late", YES_NO, "Accepté après le délai.", "non", default=False),
            col("enregistre_le", "recorded_at", INSTANT, "Vide : au moment de l'import.", "", default=NOW),
            col("enregistre_par", "recorded_by", TEXT, "Vide : qui importe.", "", default=SIGNATURE),
        ),
        derived={"seq": numbered("person_id", "service_id", "day")},
        rules=("bookings",),
    ),
    TownFile(
        "badges",
        "Les badges",
        "un badge chez son porteur, pendant une période",
        BadgeAssignment,
        (
            col("badge", "badge_uid", TEXT, "Identifiant lu par la borne.", "04A1B2C3"),
            to("porteur", "holder_id", "personnes", "Qui le porte.", "P000123"),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        key=("badge", "debut"),
        rules=("badges",),
    ),
    TownFile(
        "badges_enfants",
        "Les enfants des badges",
        "un enfant qu'un badge annonce : son porteur, ou les enfants d'un adulte",
        BadgeChild,
        (
            col("badge", None, TEXT, "Le badge.", "04A1B2C3", is_needed=True),
            col("debut", None, DAY, "Début de l'attribution du badge.", "2026-09-01", is_needed=True),
            to("enfant", "child_id", "personnes", "L'enfant.", "P000123"),
        ),
        joins=(Join("assignment_id", "badges", ("badge", "debut")),),
    ),
)
