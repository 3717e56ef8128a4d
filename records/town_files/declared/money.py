"""Files of money: incomes, bodies that pay, payers' accounts, the town's own QF formula, séjours."""

from __future__ import annotations

from records.models import (
    Coverage,
    CoverageEnrolment,
    CoverageEvent,
    Income,
    LedgerEntry,
    QfCalculation,
    QfFormula,
    QfFormulaPart,
    Sejour,
)
from records.town_files.columns import TownFile, col, numbered, to
from records.town_files.declared.terminals import recorded
from records.town_files.kinds import (
    BALANCE,
    DAY,
    EUROS,
    PARTS,
    PERCENT,
    QF,
    REF,
    TEXT,
    YEARLY_EUROS,
    YES_NO,
    choice,
    whole,
)

INCOME_SOURCE = choice(
    {
        "caf": "caf", "msa": "msa", "caf ou msa": "caf_or_msa", "avis d'impôt": "tax_notice",
        "bulletins de paie": "payslips", "déclaré": "declared", "aucune": "none",
    }
)  # fmt: skip
STATE = choice(
    {
        "demandée": "asked", "devis": "quoted", "notifiée": "notified", "appliquée": "applied",
        "épuisée": "used_up", "refusée": "refused", "annulée": "cancelled",
    }
)  # fmt: skip
PAPER = choice(
    {
        "décision": "decision", "devis annuel": "yearly_quote", "bon MSA": "msa_voucher",
        "bon loisirs CAF": "caf_leisure", "comité d'entreprise": "works_council",
    }
)  # fmt: skip
FORM = choice({"pourcentage": "percent", "forfait": "flat", "plafond": "cap", "barème": "scale"})
UNIT = choice(
    {
        "heure": "hour", "demi-journée": "half_day", "journée": "day", "repas": "meal", "mois": "month",
        "total": "total",
    }
)  # fmt: skip
ENTRY = choice(
    {"solde initial": "opening", "facture": "invoice", "paiement": "payment", "régularisation": "adjustment"}
)
PARTS_FROM = choice({"composition": "composition", "avis d'impôt": "tax_parts"})
WHO = choice({"couple": "couple", "adulte seul": "single", "enfant": "child", "handicap": "disabled"})
PROOF = choice({"avis d'impôt": "tax_notice", "bulletins de paie": "payslips", "déclaré": "declared"})
_END = "Premier jour qui n'en fait plus partie ; vide sans fin."

SEJOURS = (
    TownFile(
        "sejours",
        "Les séjours",
        "un séjour avec nuitées",
        Sejour,
        (
            col("reference", "ref", REF, "Référence du séjour.", "mer-2027"),
            to("service", "service_id", "services", "Le service.", "sejours"),
            to("structure", "structure_id", "structures", "Le lieu qui l'organise.", "jean-moulin"),
            col("numero", "number", TEXT, "Numéro déclaré.", "3"),
            col("libelle", "label", TEXT, "Nom affiché.", "La mer"),
            col("lieu", "place", TEXT, "Où il a lieu.", "Île d'Oléron"),
            col("debut", "starts_on", DAY, "Premier jour.", "2027-07-05"),
            col("fin_exclue", "ends_on", DAY, "Premier jour qui n'en fait plus partie.", "2027-07-10"),
            col("places", "places", whole(1), "Nombre de places.", "24"),
            col("age_min_mois", "age_from_months", whole(0, 1800, "mois"), "Âge à partir duquel.", "72"),
            col("age_max_mois", "age_to_months", whole(1, 1800, "mois"), "Âge jusqu'auquel, exclu.", "144"),
            to("tarif", "tariff_id", "tarifs", "Son tarif.", ""),
            col("annule_le", "cancelled_on", DAY, "Jour de son annulation.", ""),
        ),
        key=("reference",),
        rules=("sejours",),
    ),
)

FILES = (
    TownFile(
        "revenus",
        "Les ressources",
        "les ressources d'un an d'un dossier (ou d'un payeur), à partir d'un jour",
        Income,
        (
            col("numero", None, whole(1), "Numéro de la ligne, si une autre la corrige.", "1"),
            to("famille", "family_id", "familles", "Le dossier.", "F0001"),
            to("payeur", "payer_id", "payeurs", "Un seul payeur ; vide pour tout le dossier.", ""),
            col("date_effet", "effective_from", DAY, "Premier jour.", "2026-01-01"),
            col("annee", "income_year", whole(1900, 2100), "Année des ressources.", "2024"),
            col("montant", "annual_cents", YEARLY_EUROS, "Ressources de l'année.", "31200,00"),
            col("enfants", "children_count", whole(0, 99), "Enfants à charge.", "2"),
            col("aeeh", "aeeh_count", whole(0, 99), "Ceux qui ouvrent droit à l'AEEH.", "0"),
            col("origine", "source", INCOME_SOURCE, "D'où elles viennent.", "caf"),
            *recorded(),
            to("corrige", "replaces_id", "revenus", "Numéro de la ligne corrigée.", ""),
        ),
        key=("numero",),
        number="numero",
        left_out={"document_id": "la pièce qui les prouve"},
    ),
    TownFile(
        "qf_formules",
        "Les formules de calcul du QF",
        "la formule votée à partir d'un jour",
        QfFormula,
        (
            col("numero", None, whole(1), "Numéro de la ligne, pour ses parts.", "1", is_needed=True),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("decision", "decision", TEXT, "Délibération.", "Délibération 2026-50"),
            col("parts_de", "form", PARTS_FROM, "D'où viennent les parts.", "composition"),
            col("abattement", "abatement_e4", PERCENT, "Abattement sur les revenus.", "10,00"),
            col("prestations", "counts_benefits", YES_NO, "Les prestations familiales comptent.", "oui"),
            col("arrondi", "step_e2", EUROS, "Le QF est arrondi à ce pas.", "1,00"),
            col("plancher", "floor_e2", QF, "QF le plus bas.", ""),
            col("plafond", "ceiling_e2", QF, "QF le plus haut.", ""),
            *recorded(),
        ),
        key=("numero",),
        number="numero",
        derived={"seq": numbered("valid_from")},
    ),
    TownFile(
        "qf_formules_parts",
        "Les parts des formules",
        "les parts d'un membre du foyer dans une formule",
        QfFormulaPart,
        (
            to("formule", "formula_id", "qf_formules", "Numéro de la formule.", "1"),
            col("qui", "who", WHO, "Qui.", "enfant"),
            col("rang", "from_rank", whole(1, 99), "À partir de quel rang.", "1"),
            col("parts", "parts_e2", PARTS, "Nombre de parts.", "0,50"),
        ),
    ),
    TownFile(
        "qf_calculs",
        "Les calculs de QF",
        "un QF calculé par une formule : ce qui y est entré, et le résultat",
        QfCalculation,
        (
            to("famille", "family_id", "familles", "Le dossier.", "F0001"),
            to("payeur", "payer_id", "payeurs", "Un seul payeur ; vide pour tout le dossier.", ""),
            to("formule", "formula_id", "qf_formules", "Numéro de la formule.", "1"),
            col("annee", "income_year", whole(1900, 2100), "Année des ressources.", "2024"),
            col("ressources", "annual_income_cents", YEARLY_EUROS, "Ressources de l'année.", "31200,00"),
            col("mois", "income_months", whole(1, 12, "mois"), "Mois que couvrent les ressources.", "12"),
            col("prestations", "monthly_benefits_cents", EUROS, "Prestations familiales d'un mois.", "148,52"),
            col("adultes", "adults", whole(1, 2), "Adultes du foyer.", "2"),
            col("enfants", "children", whole(0, 99), "Enfants à charge.", "2"),
            col(
                "enfants_handicapes", "disabled_children", whole(0, 99), "Parmi eux, ceux qui ouvrent l'AEEH.", "0"
            ),
            col("parts", "parts_e2", PARTS, "Parts du foyer.", "3,00"),
            col("resultat", "result_e2", QF, "Le QF calculé.", "916,17"),
            col("origine", "source", PROOF, "Ce qui a été présenté.", "avis d'impôt"),
            *recorded(),
            to("qf", "qf_id", "qf", "Numéro du QF qu'il a donné ; vide pour un essai.", ""),
        ),
        left_out={"document_id": "la pièce qui le prouve"},
    ),
    TownFile(
        "prises_en_charge",
        "Les prises en charge",
        "ce qu'un organisme paie pour un enfant, pendant une période",
        Coverage,
        (
            col("reference", "ref", REF, "Référence.", "PEC-12"),
            to("organisme", "body_id", "organismes", "L'organisme.", "departement-69"),
            to("enfant", "child_id", "personnes", "L'enfant.", "P000123"),
            to("service", "service_id", "services", "Un seul service ; vide pour tous.", ""),
            col("numero_decision", "decision_number", TEXT, "Numéro de la décision.", "2026-118"),
            col("etat", "state", STATE, "Où elle en est.", "notifiée"),
            col("type", "kind", PAPER, "Ce que l'organisme a donné.", "décision"),
            col("forme", "form", FORM, "Comment il paie.", "pourcentage"),
            col("pourcentage", "percent_e4", PERCENT, "Part payée, pour un pourcentage.", "50,00"),
            col("montant", "amount_cents", EUROS, "Montant, pour un forfait ou un plafond.", ""),
            col("unite", "unit", UNIT, "Ce que le montant paie.", "total"),
            col("plafond_unite", "unit_ceiling_cents", EUROS, "Par unité au plus, pour un pourcentage.", ""),
            col("unites_max", "units_max", whole(0), "Nombre d'unités au plus.", ""),
            col("unites_max_an", "year_units_max", whole(1), "Nombre d'unités au plus dans une année civile.", ""),
            col("vacances_seulement", "holidays_only", YES_NO, "Les jours de vacances scolaires seulement.", "non"),
            col("plafond", "ceiling_cents", EUROS, "Montant au plus, en tout.", ""),
            col("rang", "rank", whole(0, 99), "Ordre des organismes.", "1"),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        key=("reference",),
        left_out={"document_id": "la pièce qui la prouve"},
    ),
    TownFile(
        "prises_en_charge_inscriptions",
        "Où les prises en charge s'appliquent",
        "une prise en charge sur une inscription",
        CoverageEnrolment,
        (
            to("prise_en_charge", "coverage_id", "prises_en_charge", "La prise en charge.", "PEC-12"),
            to("inscription", "enrolment_id", "inscriptions", "L'inscription.", "I000456"),
            col("retiree_le", "removed_on", DAY, "Premier jour où elle ne s'applique plus.", ""),
        ),
    ),
    TownFile(
        "prises_en_charge_suivi",
        "Le suivi des prises en charge",
        "un changement d'état d'une prise en charge, dans l'ordre",
        CoverageEvent,
        (
            to("prise_en_charge", "coverage_id", "prises_en_charge", "La prise en charge.", "PEC-12"),
            col("etat", "state", STATE, "Le nouvel état.", "demandée"),
            col("commentaire", "comment", TEXT, "Pourquoi.", ""),
            col("montant", "amount_cents", EUROS, "Montant du devis, pour l'état « devis ».", ""),
            *recorded(),
        ),
        derived={"seq": numbered("coverage_id")},
    ),
    TownFile(
        "ecritures",
        "Les comptes des payeurs",
        "un mouvement du compte d'un payeur : ce qui est dû est positif, ce qui est payé négatif",
        LedgerEntry,
        (
            to("payeur", "payer_id", "payeurs", "Le payeur.", "F0001-1"),
            col("type", "kind", ENTRY, "Ce qu'est ce mouvement.", "solde initial"),
            col("montant", "amount_cents", BALANCE, "Positif : dû ; négatif : en sa faveur.", "12,50"),
            col("libelle", "label", TEXT, "Ce qui est montré.", "Report de l'ancien logiciel"),
            col("jour", "occurred_on", DAY, "Le jour.", "2026-09-01"),
            *recorded(),
        ),
    ),
)
