"""Files of the families: people, addresses, members, payers, QF, régimes, diets, custody, classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.names import search_key
from records.models import (
    Address,
    ClassMembership,
    CustodyCalendar,
    CustodyException,
    CustodyHoliday,
    Diet,
    Family,
    FamilyMember,
    Payer,
    Person,
    PersonPhone,
    Qf,
    Regime,
)
from records.town_files.columns import NOW, SIGNATURE, TownFile, col, numbered, to
from records.town_files.kinds import DAY, INSTANT, QF, REF, TEXT, YES_NO, choice, whole

SEX = choice({"f": "F", "m": "M"})
PHONE_KIND = choice({"portable": "mobile", "domicile": "home", "travail": "work", "autre": "other"})
ROLE = choice({"représentant": "guardian", "enfant": "child", "contact": "contact"})
PICKUP = choice({"oui": "yes", "non": "no", "interdit": "forbidden"})
CHANNEL = choice({"sms": "sms", "courriel": "email", "aucun": "none"})
QF_SOURCE = choice({"caf": "caf", "msa": "msa", "calculé": "computed", "inconnu": "default"})
_REGIME = (
    "Régime : general, fonction_publique, msa, edf_gdf, ratp, maritime, marins, rsi, sncf, dont l'État donne le "
    "groupe à chaque date ; ou le code d'un autre."
)
CAF_GROUP = choice({"rg": "RG", "msa": "MSA", "autre": "AUTRE"})
HOLIDAY = choice(
    {"toussaint": "autumn", "noël": "christmas", "hiver": "winter", "printemps": "spring", "été": "summer"}
)
_END = "Premier jour qui n'en fait plus partie ; vide sans fin."
_RECORDED = "Quand la ligne a été enregistrée ; vide : au moment de l'import."
_SIGNED = "Qui l'a enregistrée ; vide : qui importe."


def _search_keys(values: Mapping[str, Sequence[Any]]) -> list[Any]:
    names = zip(values["used_name"], values["last_name"], values["first_name"], strict=True)
    return [search_key(" ".join(filter(None, name))) for name in names]


PEOPLE = (
    TownFile(
        "personnes",
        "Les personnes",
        "un être humain, une seule fois : enfant, parent, contact, adulte qui mange",
        Person,
        (
            col("reference", "ref", REF, "Référence de la personne.", "P000123"),
            col("civilite", "civility", TEXT, "Civilité.", "Madame"),
            col("prenom", "first_name", TEXT, "Prénom.", "Léa"),
            col("nom", "last_name", TEXT, "Nom de naissance.", "Fournier"),
            col("nom_usage", "used_name", TEXT, "Nom d'usage.", ""),
            col("naissance", "birth_date", DAY, "Date de naissance ; nécessaire pour un enfant.", "2018-03-14"),
            col("courriel", "email", TEXT, "Adresse électronique.", "lea@exemple.test"),
            col("profession", "occupation", TEXT, "Profession.", ""),
            col("sexe", "sex", SEX, "Demandé par API Particulier ; vide : inconnu.", "f"),
            col("naissance_commune", "birth_commune_code", TEXT, "Code INSEE de la commune de naissance.", "69123"),
            col("naissance_pays", "birth_country_code", TEXT, "Code INSEE du pays de naissance.", "99100"),
            to("fusionnee_dans", "merged_into_id", "personnes", "Fiche gardée, si celle-ci était un doublon.", ""),
            col("anonymisee_le", "anonymised_at", INSTANT, "Quand la fiche a été anonymisée.", ""),
        ),
        key=("reference",),
        derived={"search_key": _search_keys},
        rules=("same_people",),
    ),
    TownFile(
        "telephones",
        "Les téléphones",
        "un numéro d'une personne",
        PersonPhone,
        (
            to("personne", "person_id", "personnes", "La personne.", "P000123"),
            col("numero", "number", TEXT, "Numéro.", "06 99 00 12 34"),
            col("type", "kind", PHONE_KIND, "Type de numéro.", "portable"),
            col("rang", "rank", whole(1, 99), "Ordre d'appel.", "1"),
            col("note", "note", TEXT, "Remarque.", ""),
        ),
    ),
    TownFile(
        "familles",
        "Les dossiers famille",
        "un dossier",
        Family,
        (
            col("reference", "ref", REF, "Référence du dossier.", "F0001"),
            col("nom", "name", TEXT, "Nom du dossier.", "Fournier"),
            col("formule_courrier", "letter_name", TEXT, "Début des courriers.", "Monsieur et Madame Fournier"),
            to("fusionnee_dans", "merged_into_id", "familles", "Dossier gardé, si celui-ci était un doublon.", ""),
            col("anonymisee_le", "anonymised_at", INSTANT, "Quand le dossier a été anonymisé.", ""),
        ),
        key=("reference",),
        rules=("family_payers",),
    ),
    TownFile(
        "adresses",
        "Les adresses",
        "l'adresse d'un dossier ou d'une personne, pendant une période",
        Address,
        (
            to("famille", "family_id", "familles", "Le dossier ; vide si une personne est donnée.", "F0001"),
            to("personne", "person_id", "personnes", "La personne ; vide si un dossier est donné.", ""),
            col("rue", "street", TEXT, "Numéro et rue.", "12 rue des Lilas"),
            col("complement", "extra", TEXT, "Bâtiment, étage…", ""),
            col("code_postal", "postcode", TEXT, "Code postal.", "69001"),
            col("commune", "commune", TEXT, "Commune.", "Ville-en-Essai"),
            col("ancienne_commune", "former_commune", TEXT, "Commune déléguée.", ""),
            col("fiable", "is_reliable", YES_NO, "L'adresse est sûre.", "oui", default=True),
            col("debut", "valid_from", DAY, "Premier jour.", "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
    ),
    TownFile(
        "membres",
        "Les membres des dossiers",
        "une personne dans un dossier, dans un rôle, pendant une période",
        FamilyMember,
        (
            to("famille", "family_id", "familles", "Le dossier.", "F0001"),
            to("personne", "person_id", "personnes", "La personne.", "P000123"),
            col("role", "role", ROLE, "Son rôle ; un dossier a deux représentants au plus.", "enfant"),
            col("lien", "kinship", TEXT, "Lien de parenté.", "mère"),
            col("sortie", "pickup", PICKUP, "Peut venir chercher les enfants.", "oui"),
            col(
                "rang_urgence",
                "emergency_rank",
                whole(1, 99),
                "Ordre d'appel en urgence ; vide : pas appelée.",
                "1",
            ),
            col("debut", "valid_from", DAY, "Premier jour.", "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        rules=("members",),
    ),
    TownFile(
        "payeurs",
        "Les payeurs",
        "une personne ou un organisme qui reçoit les factures d'un dossier",
        Payer,
        (
            col("reference", "ref", REF, "Référence du payeur.", "F0001-1"),
            to("famille", "family_id", "familles", "Le dossier.", "F0001"),
            to("personne", "person_id", "personnes", "La personne ; vide si un organisme paie.", "P000122"),
            to("organisme", "body_id", "organismes", "L'organisme ; vide si une personne paie.", ""),
            col("avis", "notice_channel", CHANNEL, "Comment il est prévenu.", "courriel"),
            col("papier", "wants_paper", YES_NO, "Il veut ses factures sur papier.", "non", default=False),
            to("fusionne_dans", "merged_into_id", "payeurs", "Payeur gardé, si celui-ci était un doublon.", ""),
        ),
        key=("reference",),
    ),
    TownFile(
        "scolarite",
        "Les élèves des classes",
        "une personne dans une classe, pendant une période",
        ClassMembership,
        (
            to("personne", "person_id", "personnes", "L'enfant.", "P000123"),
            to("classe", "class_id", "classes", "La classe ou le groupe.", "jm-cm1-2026"),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, "2027-07-04"),
        ),
        rules=("class_days",),
    ),
    TownFile(
        "qf",
        "Les quotients familiaux",
        "un QF d'un dossier (ou d'un payeur) à partir d'un jour ; un QF ne se modifie jamais",
        Qf,
        (
            col("numero", None, whole(1), "Numéro de la ligne, si une autre la corrige.", "1"),
            to("famille", "family_id", "familles", "Le dossier.", "F0001"),
            to(
                "payeur", "payer_id", "payeurs", "Un seul payeur (parents séparés) ; vide pour tout le dossier.", ""
            ),
            col("date_effet", "effective_from", DAY, "Premier jour.", "2026-01-01"),
            col("valeur", "value_e2", QF, "Le QF ; 9999,00 tant qu'il est inconnu.", "523,00"),
            col("origine", "source", QF_SOURCE, "D'où il vient ; « inconnu » pour 9999 seulement.", "caf"),
            col("enregistre_le", "recorded_at", INSTANT, _RECORDED, "", default=NOW),
            to("corrige", "replaces_id", "qf", "Numéro de la ligne corrigée.", ""),
        ),
        key=("numero",),
        number="numero",
        rules=("qf",),
    ),
    TownFile(
        "regimes",
        "Les régimes de sécurité sociale",
        "la caisse d'un dossier à partir d'un jour",
        Regime,
        (
            to("famille", "family_id", "familles", "Le dossier.", "F0001"),
            col("date_effet", "effective_from", DAY, "Premier jour.", "2025-09-01"),
            col("code", "code", TEXT, _REGIME, "general"),
            col(
                "groupe_caf",
                "caf_group",
                CAF_GROUP,
                "Groupe des déclarations CAF d'un régime que l'État ne nomme pas.",
                "rg",
            ),
            col("allocataire", "allocataire_number", TEXT, "Numéro d'allocataire.", "1234567"),
            col("enregistre_le", "recorded_at", INSTANT, _RECORDED, "", default=NOW),
        ),
    ),
    TownFile(
        "regimes_alimentaires",
        "Les régimes alimentaires",
        "un régime d'une personne pendant une période ; jamais la raison",
        Diet,
        (
            to("personne", "person_id", "personnes", "La personne.", "P000123"),
            col("code", "code", TEXT, "Code du régime ; panier_repas : jamais commandé.", "sans_porc"),
            col("libelle", "label", TEXT, "Nom affiché.", "Sans porc"),
            col("debut", "valid_from", DAY, "Premier jour.", "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        rules=("diets",),
    ),
)

CUSTODY = (
    TownFile(
        "garde_calendriers",
        "Les calendriers de garde",
        "le partage d'un enfant entre deux payeurs, à partir d'un jour",
        CustodyCalendar,
        (
            to("enfant", "child_id", "personnes", "L'enfant.", "P000123"),
            col("debut", "valid_from", DAY, "Premier jour ; le calendrier suivant le remplace.", "2025-09-01"),
            col("ancre", "anchor_on", DAY, "Un premier jour du cycle de 14 jours.", "2025-09-01"),
            col("cycle", "pattern", TEXT, "14 chiffres 1 ou 2 : qui a l'enfant chaque jour.", "11111112222222"),
            to("payeur_1", "payer_1_id", "payeurs", "Le payeur 1.", "F0001-1"),
            to("payeur_2", "payer_2_id", "payeurs", "Le payeur 2.", "F0001-2"),
        ),
        rules=("custody_calendars",),
    ),
    TownFile(
        "garde_exceptions",
        "Les jours de garde échangés",
        "un jour d'un enfant ; la dernière ligne d'un jour compte",
        CustodyException,
        (
            to("enfant", "child_id", "personnes", "L'enfant.", "P000123"),
            col("jour", "day", DAY, "Le jour.", "2026-11-11"),
            to("payeur", "payer_id", "payeurs", "Qui l'a ce jour-là ; vide : comme le calendrier.", "F0001-2"),
            col("raison", "reason", TEXT, "Pourquoi.", "Échange entre parents"),
            col("enregistre_le", "recorded_at", INSTANT, _RECORDED, "", default=NOW),
            col("enregistre_par", "recorded_by", TEXT, _SIGNED, "", default=SIGNATURE),
        ),
        derived={"seq": numbered("child_id", "day")},
        rules=("shared_child",),
    ),
    TownFile(
        "garde_vacances",
        "Les vacances partagées",
        "les deux moitiés de vacances d'un enfant, à partir d'un jour",
        CustodyHoliday,
        (
            to("enfant", "child_id", "personnes", "L'enfant.", "P000123"),
            col("vacances", "holiday", HOLIDAY, "Quelles vacances.", "noël"),
            col("debut", "valid_from", DAY, "Premier jour de la règle.", "2025-09-01"),
            col("annee_ancre", "anchor_year", whole(1900, 2100), "Année où l'ordre est celui donné.", "2026"),
            col("alterne", "alternates", YES_NO, "Les moitiés s'échangent une année sur deux.", "oui"),
            to("premiere_moitie", "first_payer_id", "payeurs", "Qui a la première moitié.", "F0001-1"),
            to("seconde_moitie", "second_payer_id", "payeurs", "Qui a la seconde moitié.", "F0001-2"),
            col("enregistre_le", "recorded_at", INSTANT, _RECORDED, "", default=NOW),
            col("enregistre_par", "recorded_by", TEXT, _SIGNED, "", default=SIGNATURE),
        ),
        rules=("shared_holiday",),
    ),
)
FILES = (*PEOPLE, *CUSTODY)
