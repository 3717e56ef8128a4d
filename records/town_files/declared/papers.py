"""Files of accounts without their secrets, health, who looks after a placed child, and what families allow."""

from __future__ import annotations

from records.actors import Right
from records.models import (
    Account,
    Authorisation,
    AuthorisationKind,
    Delegation,
    DocumentKind,
    DocumentRequirement,
    HealthNote,
    Placement,
    RoleGrant,
)
from records.models.accounts import ROLES
from records.operations.passwords import NO_PASSWORD
from records.operations.rights import ROLE_WORDS
from records.town_files.columns import TownFile, col, to
from records.town_files.kinds import DAY, INSTANT, REF, TEXT, YES_NO, choice, whole

ROLE = choice({ROLE_WORDS[role].casefold(): role for role in ROLES})
HEALTH_KIND = choice(
    {
        "allergie": "allergy", "pai": "pai", "traitement": "treatment", "vaccination": "vaccination",
        "médecin": "doctor", "autre": "other",
    }
)  # fmt: skip
ABOUT = choice(
    {
        "dossier": "family", "adulte": "adult", "enfant": "child", "payeur": "payer", "inscription": "enrolment",
    }
)  # fmt: skip
GIVEN_BY = choice({"parents": "parents", "ase": "ase"})
_END = "Premier jour qui n'en fait plus partie ; vide sans fin."
_START = "Premier jour."

FILES = (
    TownFile(
        "sante",
        "La santé",
        "ce que le personnel doit savoir d'une personne, pendant une période ; jamais la nature d'un handicap",
        HealthNote,
        (
            to("personne", "person_id", "personnes", "La personne.", "P000123"),
            col("type", "kind", HEALTH_KIND, "Type d'information.", "allergie"),
            col("libelle", "label", TEXT, "Ce qui se lit d'un coup d'œil ; chiffré dans la base.", "Arachide"),
            col("detail", "detail", TEXT, "Le reste : dose, téléphone ; chiffré dans la base.", ""),
            col("debut", "valid_from", DAY, _START, "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        left_out={"document_id": "la pièce médicale"},
        reads=Right.SEE_HEALTH,
        writes=Right.EDIT_HEALTH,
    ),
    TownFile(
        "placements",
        "Les enfants placés",
        "un enfant chez qui l'accueille, pendant une période ; aucun jugement n'est joint",
        Placement,
        (
            to("enfant", "child_id", "personnes", "L'enfant.", "P000123"),
            to("accueillant", "carer_id", "personnes", "La personne qui l'accueille ; vide si un organisme.", ""),
            to("organisme", "carer_body_id", "organismes", "L'organisme qui l'accueille.", "foyer-les-lilas"),
            to("autorite", "authority_id", "organismes", "L'autorité qui a décidé.", "departement-69"),
            col("referent", "referent", TEXT, "Référent.", ""),
            col("debut", "valid_from", DAY, _START, "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
    ),
    TownFile(
        "delegations",
        "Les délégations écrites",
        "le papier qui laisse signer qui accueille un enfant",
        Delegation,
        (
            col("numero", None, whole(1), "Numéro de la ligne, si une signature en dépend.", "1"),
            to("enfant", "child_id", "personnes", "L'enfant.", "P000123"),
            to("delegataire", "carer_id", "personnes", "Qui signe.", "P000130"),
            col("donnee_par", "given_by", GIVEN_BY, "Qui l'a donnée.", "parents"),
            col("signee_le", "signed_on", DAY, "Jour de la signature.", "2025-09-01"),
            col("couvre", "covers", TEXT, "Ce qu'elle couvre.", "Sorties et soins courants"),
            col("debut", "valid_from", DAY, _START, "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        key=("numero",),
        number="numero",
        left_out={"document_id": "le papier lui-même"},
    ),
    TownFile(
        "types_documents",
        "Les types de pièces",
        "un type de pièce demandée",
        DocumentKind,
        (
            col("reference", "ref", REF, "Référence.", "assurance"),
            col("libelle", "label", TEXT, "Nom affiché.", "Assurance scolaire"),
            col("concerne", "about", ABOUT, "De qui est la pièce.", "enfant"),
            col("mois_valables", "months_valid", whole(1, 1200, "mois"), "Durée ; vide sans fin propre.", "12"),
            col("sante", "is_health", YES_NO, "Pièce de santé, à accès restreint.", "non"),
            col("debut", "valid_from", DAY, _START, "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        key=("reference",),
    ),
    TownFile(
        "documents_demandes",
        "Les pièces demandées",
        "un type de pièce demandé pour un service, ou pour tous",
        DocumentRequirement,
        (
            to("type", "kind_id", "types_documents", "Le type de pièce.", "assurance"),
            to("service", "service_id", "services", "Le service ; vide pour tous.", ""),
            col("obligatoire", "is_mandatory", YES_NO, "Sans elle, rien ne commence.", "oui"),
            col("debut", "valid_from", DAY, _START, "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
    ),
    TownFile(
        "types_autorisations",
        "Les types d'autorisations",
        "un type d'autorisation",
        AuthorisationKind,
        (
            col("reference", "ref", REF, "Référence.", "photo"),
            col("libelle", "label", TEXT, "Nom affiché.", "Droit à l'image"),
            col("deux_representants", "needs_both_guardians", YES_NO, "Les deux doivent répondre.", "oui"),
            col("obligatoire", "is_mandatory", YES_NO, "Une réponse est nécessaire.", "non"),
            col("debut", "valid_from", DAY, _START, "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        key=("reference",),
    ),
    TownFile(
        "autorisations",
        "Les autorisations",
        "la réponse d'une personne pour un enfant ; sans ligne, personne n'a répondu",
        Authorisation,
        (
            to("enfant", "person_id", "personnes", "L'enfant.", "P000123"),
            to("type", "kind_id", "types_autorisations", "L'autorisation.", "photo"),
            to("repond", "given_by_id", "personnes", "Qui répond.", "P000122"),
            col("accordee", "is_allowed", YES_NO, "Oui ou non.", "oui"),
            col("signee_le", "signed_on", DAY, "Jour de la signature.", "2026-06-12"),
            col("precision", "detail", TEXT, "Précision.", ""),
            col("debut", "valid_from", DAY, _START, "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        left_out={"document_id": "le papier lui-même"},
    ),
    TownFile(
        "comptes",
        "Les comptes, sans leurs secrets",
        "une personne qui se connecte ; elle choisit son mot de passe par un lien, après l'import",
        Account,
        (
            col("identifiant", "login", REF, "Identifiant de connexion.", "claire.moreau"),
            col("nom", "display_name", TEXT, "Nom affiché.", "Claire Moreau"),
            col("courriel", "email", TEXT, "Adresse où le lien est envoyé.", "claire@exemple.test"),
            to("personne", "person_id", "personnes", "L'adulte d'un compte famille.", ""),
            col("desactive_le", "disabled_at", INSTANT, "Quand le compte a été fermé.", ""),
        ),
        key=("identifiant",),
        derived={
            "password_hash": lambda values: [NO_PASSWORD] * len(values["login"]),
            "must_change_password": lambda values: [True] * len(values["login"]),
        },
        left_out={"password_set_at": "secret : chacun choisit son mot de passe après l'import"},
        reads=Right.MANAGE_ACCOUNTS,
        writes=Right.MANAGE_ACCOUNTS,
    ),
    TownFile(
        "roles",
        "Les rôles",
        "un rôle d'un compte, dans un lieu ou partout, pendant une période",
        RoleGrant,
        (
            col("numero", None, whole(1), "Numéro de la ligne, si une suppléance la prête.", "1"),
            to("compte", "account_id", "comptes", "Le compte.", "claire.moreau"),
            col("role", "role", ROLE, "Le rôle.", "coordinateur scolaire"),
            to("structure", "structure_id", "structures", "Le lieu ; vide partout.", ""),
            col("commune", "commune", TEXT, "Commune d'un élu.", ""),
            to("prete_de", "lent_from_id", "roles", "Numéro du rôle prêté.", ""),
            col("raison", "reason", TEXT, "Pourquoi il est prêté.", ""),
            col("debut", "valid_from", DAY, _START, "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        key=("numero",),
        number="numero",
        reads=Right.MANAGE_ACCOUNTS,
        writes=Right.MANAGE_ACCOUNTS,
    ),
)
