"""Files of what the CAF is told: conventions, accounts, counts, rights, answers, teams, and what was declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.counts import INDICATOR_WORDS, kind_of
from records.models import (
    AccountingLine,
    AeehRight,
    AnonymousCount,
    CafSetting,
    Declaration,
    FiloueConsent,
    StaffPlan,
)
from records.operations.accounting import nature_of
from records.town_files.columns import TownFile, col, numbered, to
from records.town_files.declared.terminals import recorded
from records.town_files.kinds import CLOCK, DAY, PERCENT, TEXT, YES_NO, choice, scaled, whole

_PLACE = ("structure", "structure_id", "structures", "Le lieu.", "jean-moulin")
_YEAR = ("annee", "year", whole(2000, 2100, "année"), "L'année.", "2026")
_KINDS = {"rpe": "rpe", "laep": "laep", "youth": "jeunes"}
FUNDING = choice(
    {
        "psu": "psu", "pso périscolaire": "pso_periscolaire", "pso extrascolaire": "pso_extrascolaire",
        "pso jeunes": "pso_jeunes", "rpe": "rpe", "laep": "laep",
    }
)  # fmt: skip
ROUNDING = choice({"inférieur": "floor", "au plus proche": "nearest", "supérieur": "ceiling"})
ACTIVITY = choice(
    {
        "petite enfance": "eaje", "périscolaire": "periscolaire", "extrascolaire": "extrascolaire",
        "jeunes": "youth",
    }
)  # fmt: skip
PERIOD = choice({"année": "year", "janvier à juin": "jan_jun", "janvier à septembre": "jan_sep"})
ORIGIN = choice({"saisi": "entered", "importé": "imported"})
INDICATOR = choice({f"{_KINDS[kind_of(code)]} : {words.lower()}": code for code, words in INDICATOR_WORDS.items()})
WEEKS = choice({"école": "school", "vacances": "holiday"})
VERSION = choice(
    {
        "prévisionnel": "forecast", "actualisé de juin": "updated_june",
        "actualisé de septembre": "updated_september", "réel": "actual",
    }
)  # fmt: skip


def _natures(values: Mapping[str, Sequence[Any]]) -> list[Any]:
    return [None if account is None else nature_of(account) for account in values["account"]]


def _weekdays(values: Mapping[str, Sequence[Any]]) -> list[Any]:
    return [None if day is None else day.weekday() for day in values["valid_from"]]


FILES = (
    TownFile(
        "caf_conventions",
        "Les conventions avec la CAF",
        "ce que la convention dit d'un lieu à partir d'un jour ; la dernière ligne d'un jour compte",
        CafSetting,
        (
            to(*_PLACE),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-01-01"),
            col("decision", "decision", TEXT, "La convention ou le règlement.", "Convention 2026-2029"),
            col("financement", "funding", FUNDING, "D'un lieu qui n'inscrit personne.", ""),
            col("places", "authorised_places", whole(0, 9_999, "places"), "Places autorisées.", "60"),
            col("places_moins_de_6", "authorised_under_6", whole(0, 9_999, "places"), "Dont moins de 6 ans.", ""),
            col("places_des_6", "authorised_from_6", whole(0, 9_999, "places"), "Dont 6 ans et plus.", ""),
            col("repas", "meals_provided", YES_NO, "Les repas sont fournis.", "non", default=False),
            col("couches", "diapers_provided", YES_NO, "Les couches sont fournies.", "non", default=False),
            col("pedt", "has_pedt", YES_NO, "Le lieu est dans un PEDT.", "oui", default=False),
            col("plan_mercredi", "has_plan_mercredi", YES_NO, "Labellisé Plan mercredi.", "non", default=False),
            col(
                "mercredi_minutes",
                "reference_wednesday_minutes",
                whole(0, unit="minutes"),
                "Minutes du mercredi de l'année de référence.",
                "",
            ),
            col("arrondi_115", "oversize_rounding", ROUNDING, "Arrondi des 115 %.", "inférieur", default="floor"),
            col("part_regime_general", "general_regime_e4", PERCENT, "Si la convention la fixe.", ""),
            col("marche_mois", "walking_from_months", whole(1, 71, "mois"), "Âge de marche du règlement.", ""),
            col("caf_code", "caf_office_code", TEXT, "Code de la CAF, 3 chiffres.", "791"),
            col("dossier_afc", "caf_file_number", TEXT, "Numéro de dossier AFC.", "201900123"),
            col("idequ", "idequ", TEXT, "Identifiant d'équipement.", ""),
            *recorded(),
        ),
        derived={"seq": numbered("structure_id", "valid_from")},
        rules=("caf_conventions",),
    ),
    TownFile(
        "caf_comptes",
        "Les comptes des lieux",
        "un montant d'un compte d'un lieu, pour une année ou ses premiers mois",
        AccountingLine,
        (
            col("numero", None, whole(1), "Numéro de la ligne, si une autre la corrige.", "1"),
            to(*_PLACE),
            col(*_YEAR),
            col("periode", "period", PERIOD, "Les mois dont c'est.", "année", default="year"),
            col("activite", "activity", ACTIVITY, "Vide : les activités du lieu se la partagent.", "périscolaire"),
            col("compte", "account", TEXT, "60 à 68 et 86, ou 70 à 79 et 87.", "6411"),
            col("libelle", "label", TEXT, "Libellé.", "Salaires"),
            col(
                "montant",
                "amount_cents",
                scaled(2, 99_999_999, "euros", may_be_negative=True),
                "Négatif pour un avoir.",
                "120000,50",
            ),
            col("origine", "origin", ORIGIN, "Comment il est venu.", "importé", default="imported"),
            to("corrige", "replaces_id", "caf_comptes", "Numéro de la ligne corrigée.", ""),
            *recorded(),
        ),
        key=("numero",),
        number="numero",
        derived={"nature": _natures},
        rules=("caf_accounts",),
    ),
    TownFile(
        "caf_comptages",
        "Les comptages sans nom",
        "un comptage d'un RPE, d'un LAEP ou d'un accueil de jeunes, un jour ; la dernière ligne compte",
        AnonymousCount,
        (
            to(*_PLACE),
            col("jour", "day", DAY, "Le jour.", "2026-11-24"),
            col("indicateur", "indicator", INDICATOR, "Ce qui est compté.", "laep : séances"),
            col("quantite", "quantity_e2", scaled(2, 9_999_999, ""), "Combien.", "1"),
            *recorded(),
        ),
        derived={"seq": numbered("structure_id", "day", "indicator")},
        rules=("caf_counts",),
    ),
    TownFile(
        "caf_aeeh",
        "Les droits à l'AEEH",
        "un enfant qui ouvre l'AEEH, ou ne l'ouvre plus, à partir d'un jour ; la dernière ligne d'un jour compte",
        AeehRight,
        (
            to("enfant", "person_id", "personnes", "L'enfant ; rien n'est dit de sa santé.", "P000123"),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("ouvert", "is_open", YES_NO, "Il ouvre le droit.", "oui"),
            *recorded(),
        ),
        derived={"seq": numbered("person_id", "valid_from")},
    ),
    TownFile(
        "caf_filoue",
        "Les réponses des familles pour Filoué",
        "la réponse d'un dossier, un jour ; la dernière compte, sans ligne c'est non",
        FiloueConsent,
        (
            to("famille", "family_id", "familles", "Le dossier.", "F0001"),
            col("jour", "day", DAY, "Jour de la réponse.", "2026-09-01"),
            col("accord", "is_agreed", YES_NO, "D'accord.", "oui"),
            *recorded(),
        ),
        derived={"seq": numbered("family_id", "day")},
    ),
    TownFile(
        "caf_declarations",
        "Les déclarations figées",
        "une déclaration à la CAF telle qu'elle a été figée, prévisionnels compris",
        Declaration,
        (
            to(*_PLACE),
            col(*_YEAR),
            col("version", "version", VERSION, "Ce qu'elle est.", "prévisionnel"),
            col("numero", "number", whole(1), "Numéro dans sa version.", "1"),
            col("etat", "snapshot_id", TEXT, "L'état des chiffres dont elle vient.", "9286554b911ecfd6"),
            col("lignes", "figures", TEXT, "Ses lignes, telles qu'elles ont été figées (JSON).", "[]"),
            col("controles", "controls", TEXT, "Ses contrôles, de même.", "[]"),
            col("empreinte", "sha256", TEXT, "Empreinte SHA-256 de tout cela.", "(64 chiffres et lettres)"),
            col(
                "journees",
                "days",
                TEXT,
                "Les journées que ses lignes comptaient (base64 de zlib) ; vide : aucune, ou effacées.",
                "",
            ),
            col("empreinte_journees", "days_sha256", TEXT, "Leur empreinte SHA-256 ; vide : pas de journée.", ""),
            *recorded(),
        ),
        rules=("caf_declarations",),
    ),
    TownFile(
        "equipes",
        "Les équipes prévues",
        "des animateurs prévus d'une heure à une autre, chaque semaine ou un seul jour ; la dernière ligne compte",
        StaffPlan,
        (
            to(*_PLACE),
            col(
                "debut",
                "valid_from",
                DAY,
                "Premier jour : son jour de semaine est celui de l'équipe.",
                "2026-09-01",
            ),
            col("un_jour", "is_one_day", YES_NO, "Ce seul jour.", "non", default=False),
            col("semaines", "period", WEEKS, "Semaines d'école ou vacances.", "école", default="school"),
            col("de", "start_minute", CLOCK, "De demi-heure en demi-heure.", "16:30"),
            col("a", "end_minute", CLOCK, "Fin.", "18:30"),
            col("animateurs", "animators", whole(0, 200, "animateurs"), "Sans la direction.", "4"),
            *recorded(),
        ),
        derived={"seq": numbered("structure_id", "valid_from"), "weekday": _weekdays},
        rules=("staff_plans",),
    ),
)
