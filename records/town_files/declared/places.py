"""Files of the collectivity itself: places, school years, classes, calendar, bodies."""

from __future__ import annotations

from records.models import CalendarDay, Collectivity, PayingBody, SchoolClass, SchoolYear, Structure
from records.town_files.columns import TownFile, col, to
from records.town_files.kinds import DAY, REF, TEXT, YES_NO, choice

STRUCTURE_KIND = choice(
    {
        "école": "school",
        "accueil de loisirs": "leisure_centre",
        "halte-garderie": "daycare",
        "accueil jeunes": "youth_club",
        "bureau": "office",
    }
)
DAY_KIND = choice(
    {
        "vacances": "school_holiday",
        "férié": "public_holiday",
        "pont": "bridge",
        "fermeture": "closure",
    }
)
BODY_KIND = choice(
    {
        "caf": "caf",
        "msa": "msa",
        "département": "department",
        "comité d'entreprise": "works_council",
        "tuteur": "guardian",
        "foyer": "home",
        "autre commune": "other_town",
        "employeur": "employer",
        "autre": "other",
    }
)

FILES = (
    TownFile(
        "collectivite",
        "La collectivité",
        "une ligne",
        Collectivity,
        (
            col("nom", "name", TEXT, "Nom de la commune ou de la communauté.", "Ville-en-Essai"),
            col("fuseau", "timezone", TEXT, "Fuseau horaire de la base IANA.", "Europe/Paris"),
            col("zone_scolaire", "school_zone", TEXT, "Zone de vacances : A, B ou C.", "B"),
            col("contact", "contact", TEXT, "Adresse ou téléphone montrés aux familles.", "01 99 00 12 34"),
            col(
                "entrainement",
                "is_training",
                YES_NO,
                "Base d'entraînement : tout écran le dit.",
                "non",
                default=False,
            ),
        ),
        rules=("time_zone", "school_zone"),
    ),
    TownFile(
        "structures",
        "Les lieux",
        "une école, un accueil de loisirs, une halte-garderie…",
        Structure,
        (
            col("reference", "ref", REF, "Référence du lieu.", "jean-moulin"),
            col("nom", "name", TEXT, "Nom affiché.", "École Jean-Moulin"),
            col("type", "kind", STRUCTURE_KIND, "Type de lieu.", "école"),
            col("fuseau", "timezone", TEXT, "Fuseau horaire du lieu : il décide de ses jours.", "Europe/Paris"),
            col("commune", "commune", TEXT, "Commune où se trouve le lieu.", "Ville-en-Essai"),
        ),
        key=("reference",),
        rules=("time_zone",),
    ),
    TownFile(
        "annees_scolaires",
        "Les années scolaires",
        "une année scolaire",
        SchoolYear,
        (
            col("reference", "ref", REF, "Référence de l'année.", "2026-2027"),
            col("debut", "starts_on", DAY, "Premier jour.", "2026-09-01"),
            col("fin_exclue", "ends_on", DAY, "Premier jour qui n'en fait plus partie.", "2027-07-04"),
        ),
        key=("reference",),
        rules=("school_years",),
    ),
    TownFile(
        "classes",
        "Les classes et les groupes",
        "une classe d'un lieu pour une année scolaire",
        SchoolClass,
        (
            col("reference", "ref", REF, "Référence de la classe.", "jm-cm1-2026"),
            to("structure", "structure_id", "structures", "Lieu de la classe.", "jean-moulin"),
            to("annee_scolaire", "school_year_id", "annees_scolaires", "Année scolaire.", "2026-2027"),
            col("nom", "name", TEXT, "Nom affiché.", "CM1 A"),
            col("niveau", "level", TEXT, "Niveau.", "CM1"),
        ),
        key=("reference",),
    ),
    TownFile(
        "calendrier",
        "Les vacances, jours fériés et ponts",
        "un jour particulier d'une zone ou d'un lieu",
        CalendarDay,
        (
            col("zone", "zone", TEXT, "Zone scolaire, ou * pour tout le pays ; vide si un lieu est donné.", "B"),
            to("structure", "structure_id", "structures", "Lieu concerné ; vide si une zone est donnée.", ""),
            col("jour", "day", DAY, "Le jour.", "2026-12-21"),
            col("type", "kind", DAY_KIND, "Ce qu'est ce jour.", "vacances"),
            col("libelle", "label", TEXT, "Nom affiché.", "Vacances de Noël"),
        ),
        rules=("calendar_zone",),
    ),
    TownFile(
        "organismes",
        "Les organismes payeurs",
        "un organisme qui paie ou qui accueille",
        PayingBody,
        (
            col("reference", "ref", REF, "Référence de l'organisme.", "departement-69"),
            col("nom", "name", TEXT, "Nom.", "Département du Rhône"),
            col("type", "kind", BODY_KIND, "Type d'organisme.", "département"),
            col("siret", "siret", TEXT, "Numéro SIRET, 14 chiffres.", ""),
            col("rue", "street", TEXT, "Numéro et rue.", "12 rue des Lilas"),
            col("code_postal", "postcode", TEXT, "Code postal.", "69001"),
            col("commune", "commune", TEXT, "Commune.", "Ville-en-Essai"),
            col("courriel", "email", TEXT, "Adresse électronique.", "aide@departement.test"),
            col("telephone", "phone", TEXT, "Téléphone.", "01 99 00 12 34"),
            col("debut", "valid_from", DAY, "Premier jour où il paie.", "2020-01-01"),
            col("fin_exclue", "valid_to", DAY, "Premier jour où il ne paie plus ; vide sans fin.", ""),
        ),
        key=("reference",),
    ),
)
