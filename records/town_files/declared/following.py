"""Files of what goes with a file: notes, signatures, questions and answers, the yearly check, teachers, waiting."""

from __future__ import annotations

from domain.data_kinds import COUNTED_FROM_WORDS, ENDING_WORDS, data_kinds
from records.actors import Right
from records.models import (
    Answer,
    ClassTeacher,
    FamilyReview,
    Note,
    Question,
    RetentionRule,
    Signature,
    WaitingEntry,
)
from records.town_files.columns import TownFile, col, numbered, to
from records.town_files.declared.terminals import recorded
from records.town_files.kinds import DAY, REF, TEXT, WORDS, YES_NO, choice, whole

NOTE_KIND = choice(
    {"générale": "general", "adresse": "address", "contact": "contact", "argent": "money", "sortie": "pickup"}
)
PAPER = choice(
    {
        "dossier": "family_file", "inscription": "enrolment", "règlement": "rules", "mandat": "mandate",
        "autorisation": "authorisation", "devis": "quote",
    }
)  # fmt: skip
SIGNED_ON = choice({"papier": "paper", "portail": "portal"})
ANSWER_TYPE = choice(
    {"oui ou non": "yes_no", "texte": "text", "nombre": "number", "date": "date", "choix": "choice"}
)
ASKED_OF = choice({"enfant": "child", "adulte": "adult"})
WAITING = choice(
    {
        "attend": "waiting", "proposée": "offered", "acceptée": "accepted", "refusée": "refused",
        "retirée": "withdrawn", "échue": "lapsed",
    }
)  # fmt: skip
DATA_KIND = choice({code: code for code in data_kinds()})
COUNTED_FROM = choice({words: code for code, words in COUNTED_FROM_WORDS.items()})
ENDING = choice({words: code for code, words in ENDING_WORDS.items()})
_START = "Premier jour."
_END = "Premier jour qui n'en fait plus partie ; vide sans fin."

NOTES = (
    TownFile(
        "notes",
        "Les notes des dossiers",
        "une note d'un dossier, ou d'une de ses personnes ; la santé n'y est jamais",
        Note,
        (
            to("famille", "family_id", "familles", "Le dossier.", "F0001"),
            to("personne", "person_id", "personnes", "La personne concernée ; vide pour tout le dossier.", ""),
            col("type", "kind", NOTE_KIND, "Ce dont parle la note.", "adresse"),
            col("texte", "text", TEXT, "La note.", "Adresse non fiable : appeler l'accueillant."),
            col("ouverture", "opens_with_file", YES_NO, "Elle s'affiche avant tout le reste.", "oui"),
            col("debut", "valid_from", DAY, _START, "2025-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
            *recorded(),
        ),
    ),
    TownFile(
        "signatures",
        "Les signatures",
        "un papier signé ou un règlement accepté, par une personne, un jour",
        Signature,
        (
            col("numero", None, whole(1), "Numéro de la ligne, si une autre la corrige.", "1"),
            to("famille", "family_id", "familles", "Le dossier.", "F0001"),
            to("signataire", "signer_id", "personnes", "Qui a signé.", "P000122"),
            col("papier", "paper", PAPER, "Ce qui est signé.", "dossier"),
            to("inscription", "enrolment_id", "inscriptions", "L'inscription signée.", ""),
            to("service", "service_id", "services", "Le service dont le règlement est accepté.", ""),
            to("delegation", "delegation_id", "delegations", "Numéro de la délégation de qui signe.", ""),
            col("signe_le", "signed_on", DAY, "Jour de la signature.", "2026-06-12"),
            col("voie", "channel", SIGNED_ON, "Sur papier, ou sur le portail.", "papier"),
            col("commentaire", "comment", TEXT, "Commentaire.", ""),
            col("retiree", "is_withdrawn", YES_NO, "Rien n'avait été signé.", "", default=False),
            *recorded(),
            to("corrige", "replaces_id", "signatures", "Numéro de la ligne corrigée.", ""),
        ),
        key=("numero",),
        number="numero",
        left_out={"document_id": "le papier lui-même"},
    ),
    TownFile(
        "questions",
        "Les questions complémentaires",
        "une question posée pour un service, ou pour tous",
        Question,
        (
            col("reference", "ref", REF, "Référence.", "sait-nager"),
            to("service", "service_id", "services", "Le service ; vide pour tous.", ""),
            col("concerne", "about", ASKED_OF, "De qui parle la réponse.", "enfant"),
            col("libelle", "label", TEXT, "La question.", "Votre enfant sait-il nager ?"),
            col("reponse", "answer_type", ANSWER_TYPE, "Comment on répond.", "choix"),
            col("choix", "choices", WORDS, "Les choix, pour une question à choix.", "oui | un peu | non"),
            col("obligatoire", "is_mandatory", YES_NO, "Une réponse est nécessaire.", "non"),
            col("rang", "rank", whole(0, 9999), "Sa place dans le formulaire.", "1"),
            col("debut", "valid_from", DAY, _START, "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        key=("reference",),
    ),
    TownFile(
        "reponses",
        "Les réponses aux questions",
        "la réponse d'une personne à une question, pendant une période",
        Answer,
        (
            to("question", "question_id", "questions", "La question.", "sait-nager"),
            to("personne", "person_id", "personnes", "La personne.", "P000123"),
            col("valeur", "value", TEXT, "Comme la question le demande : oui, 2026-09-01, 12.5…", "un peu"),
            col("debut", "valid_from", DAY, _START, "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        rules=("answers",),
    ),
    TownFile(
        "dossiers_a_jour",
        "La vérification annuelle des dossiers",
        "un dossier pour une année scolaire : demandé, reçu, complet",
        FamilyReview,
        (
            to("famille", "family_id", "familles", "Le dossier.", "F0001"),
            to("annee_scolaire", "school_year_id", "annees_scolaires", "L'année scolaire.", "2026-2027"),
            to("agent", "clerk_id", "comptes", "Le compte de qui s'en occupe.", ""),
            col("demande_le", "asked_on", DAY, "Jour où il a été demandé.", "2026-05-04"),
            col("recu_le", "received_on", DAY, "Jour où il est revenu.", ""),
            col("complet_le", "completed_on", DAY, "Jour où rien ne manquait plus.", ""),
            col("relance_le", "reminded_on", DAY, "Jour de la dernière relance.", ""),
        ),
        reads=Right.MANAGE_ACCOUNTS,
        writes=Right.MANAGE_ACCOUNTS,
        rules=("review_days",),
    ),
    TownFile(
        "enseignants",
        "Les enseignants des classes",
        "une classe confiée à un compte, pendant une période",
        ClassTeacher,
        (
            to("classe", "class_id", "classes", "La classe.", "jm-cm1-2026"),
            to("compte", "account_id", "comptes", "Le compte de l'enseignant.", "claire.moreau"),
            col("debut", "valid_from", DAY, _START, "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, "2027-07-04"),
        ),
        reads=Right.MANAGE_ACCOUNTS,
        writes=Right.MANAGE_ACCOUNTS,
        rules=("teachers",),
    ),
    TownFile(
        "attentes",
        "La liste d'attente des inscriptions",
        "une personne qui attend une place, par priorité puis date de réception",
        WaitingEntry,
        (
            col("reference", "ref", REF, "Référence.", "A0001"),
            to("personne", "person_id", "personnes", "Qui attend.", "P000123"),
            to("service", "service_id", "services", "Le service.", "cantine"),
            to("structure", "structure_id", "structures", "Le lieu.", "jean-moulin"),
            to("sejour", "sejour_id", "sejours", "Le séjour, pour un service de séjours.", ""),
            col("a_partir_du", "wanted_from", DAY, "Premier jour voulu.", "2026-09-01"),
            col("recue_le", "received_on", DAY, "Jour de réception de la demande.", "2026-06-12"),
            col("priorite", "priority", whole(1, 99), "1 passe en premier.", "2"),
            col("etat", "state", WAITING, "Où elle en est.", "attend"),
            col("proposee_jusqu_au", "offered_until", DAY, "Dernier jour de l'offre.", ""),
            to("inscription", "enrolment_id", "inscriptions", "L'inscription obtenue.", ""),
            *recorded(),
        ),
        key=("reference",),
    ),
    TownFile(
        "conservation",
        "Les durées de conservation",
        "la durée d'une sorte de données, à partir d'un jour",
        RetentionRule,
        (
            col("sorte", "data_kind", DATA_KIND, "La sorte de données, comme dans le registre.", "family_file"),
            col("debut", "valid_from", DAY, _START, "2026-09-01"),
            col("mois", "months", whole(0, 1200, "mois"), "La durée.", "24"),
            col("comptee", "counted_from", COUNTED_FROM, "À partir de quoi.", COUNTED_FROM_WORDS["last_use"]),
            col("fin", "ending", ENDING, "Ce qu'il en advient.", ENDING_WORDS["anonymise"]),
            col("source", "source", TEXT, "Qui en a décidé.", "Avis du DPO"),
            *recorded(),
        ),
        derived={"seq": numbered("data_kind", "valid_from")},
    ),
)
