"""Files of what the town settled around its bills: bodies' scales, vouchers, settings, use of credits."""

from __future__ import annotations

from records.models import (
    AidBand,
    AidScale,
    BillingSetting,
    CreditRule,
    PaperSetting,
    RecapCalendar,
    VoucherRecap,
)
from records.operations.voucher_recaps import REMINDER_DAYS_MAX
from records.town_files.columns import TownFile, col, numbered, to
from records.town_files.declared.money import UNIT
from records.town_files.declared.terminals import recorded
from records.town_files.kinds import DAY, EUROS, QF, TEXT, YEARLY_DAYS, YES_NO, choice, whole

QF_DAY = choice({"jour": "on_day", "janvier": "january"})
STEP = choice({"envoyé": "sent", "transmis": "relayed", "reçu": "received", "renvoyé": "returned"})
_DECISION = ("decision", "decision", TEXT, "Qui l'a décidé.", "Délibération 2026-12")

FILES = (
    TownFile(
        "baremes_aides",
        "Les barèmes des organismes",
        "ce qu'un organisme paie selon le QF, à partir d'un jour ; le dernier d'un jour compte",
        AidScale,
        (
            col("numero", None, whole(1), "Numéro de la ligne, pour ses tranches.", "1", is_needed=True),
            to("organisme", "body_id", "organismes", "L'organisme.", "caf-69"),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("decision", "decision", TEXT, "Le courrier ou la convention qui le dit.", "Convention 2026"),
            col(
                "unite", "unit", UNIT, "Ce que le montant paie : heure, demi-journée, journée ou repas.", "journée"
            ),
            col("qf_du", "qf_day", QF_DAY, "Le QF du jour même, ou celui du 1er janvier.", "janvier"),
            *recorded(),
        ),
        key=("numero",),
        number="numero",
        derived={"seq": numbered("body_id", "valid_from")},
        rules=("aid_scales",),
    ),
    TownFile(
        "baremes_aides_tranches",
        "Les tranches des barèmes",
        "le montant d'un barème pour un QF dans une tranche",
        AidBand,
        (
            to("bareme", "scale_id", "baremes_aides", "Numéro du barème.", "1"),
            col("qf_de", "qf_from_e2", QF, "QF à partir duquel.", "0,00"),
            col("qf_a_exclu", "qf_to_e2", QF, "QF jusqu'auquel, exclu.", "500,00"),
            col("montant", "amount_cents", EUROS, "Payé par unité.", "4,50"),
        ),
        rules=("aid_bands",),
    ),
    TownFile(
        "bons_calendrier",
        "Les jours des récapitulatifs de bons MSA",
        "les jours de l'année où les bons sont transmis, à partir d'un jour ; la dernière ligne d'un jour compte",
        RecapCalendar,
        (
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col(*_DECISION),
            col("jours", "days", YEARLY_DAYS, "Les jours de l'année.", "31/03 30/06 31/08 31/12"),
            col("rappel_jours", "reminder_days", whole(0, REMINDER_DAYS_MAX, "jours"), "Rappel avant.", "10"),
            *recorded(),
        ),
        derived={"seq": numbered("valid_from")},
    ),
    TownFile(
        "bons_recapitulatifs",
        "Les récapitulatifs de bons MSA",
        "une étape du récapitulatif d'un lieu, dans l'ordre",
        VoucherRecap,
        (
            to("structure", "structure_id", "structures", "Le lieu.", "jean-moulin"),
            col("echeance", "due_on", DAY, "Jour où il est attendu.", "2026-12-31"),
            col("etape", "step", STEP, "Ce qu'il est devenu.", "envoyé"),
            col("commentaire", "comment", TEXT, "Ce qui manque, s'il est renvoyé.", ""),
            *recorded(),
        ),
        derived={"seq": numbered("structure_id", "due_on")},
        rules=("recap_steps",),
    ),
    TownFile(
        "facturation",
        "Les réglages de la facturation",
        "comment la collectivité facture, à partir d'un jour ; la dernière ligne d'un jour compte",
        BillingSetting,
        (
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col(*_DECISION),
            col("exercice_mois", "fiscal_year_month", whole(1, 12, "mois"), "Premier mois de l'exercice.", "1"),
            col("echeance_mois", "due_months", whole(0, 12, "mois"), "Mois laissés pour payer.", "2"),
            col("echeance_jour", "due_day", whole(1, 28, "jour"), "Jour d'échéance.", "15"),
            col("annulation_des", "cancel_from_cents", EUROS, "Montant dès lequel une facture s'annule.", "20,00"),
            col("credits_stricts", "credits_are_strict", YES_NO, "Un avoir ne sert qu'à son service.", "non"),
            *recorded(),
        ),
        derived={"seq": numbered("valid_from")},
    ),
    TownFile(
        "factures_mentions",
        "Les mentions des factures",
        "ce qui est imprimé autour des factures, à partir d'un jour ; la dernière ligne d'un jour compte",
        PaperSetting,
        (
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col(*_DECISION),
            col("expediteur", "sender", TEXT, "Lignes de l'expéditeur.", "Mairie", default=""),
            col("paiement", "ways_to_pay", TEXT, "Comment payer.", "", default=""),
            col("recours", "remedies", TEXT, "Voies de recours.", "", default=""),
            col("code_etablissement", "code_establishment", TEXT, "Code de la trésorerie, 3 chiffres.", ""),
            col("code_periode", "code_period", TEXT, "Code de la trésorerie, 1 chiffre.", ""),
            col("code_produit", "code_product", TEXT, "Code de la trésorerie, 3 chiffres.", ""),
            col("code_emetteur", "code_issuer", TEXT, "Code de la trésorerie, 6 chiffres.", ""),
            col("code_poste", "code_post", TEXT, "Code de la trésorerie, 6 chiffres.", ""),
            col("cle_debiteur_sommee", "sums_debtor_key", YES_NO, "La clé du débiteur est sommée.", "non"),
            *recorded(),
        ),
        derived={"seq": numbered("valid_from")},
        rules=("paper_codes",),
    ),
    TownFile(
        "avoirs_regles",
        "L'application stricte des avoirs",
        "comment servent les avoirs d'un payeur sur un service ; la dernière ligne compte",
        CreditRule,
        (
            to("payeur", "payer_id", "payeurs", "Le payeur.", "F0001-1"),
            to("service", "service_id", "services", "Le service.", "cantine"),
            col("stricte", "is_strict", YES_NO, "L'avoir ne sert qu'à ce service.", "oui"),
            col("raison", "reason", TEXT, "Pourquoi.", "Convention avec la régie"),
            *recorded(),
        ),
        derived={"seq": numbered("payer_id", "service_id")},
    ),
)
