"""Rules of bodies' scales, of recaps of vouchers and of the treasury's codes: those of the single operations."""

from __future__ import annotations

from domain.payment_code import CollectionCodes
from records.operations.aid_scales import PAID_UNITS, NewAidBand, check_bands
from records.operations.paper_settings import CODE_LENGTHS, check_codes
from records.operations.voucher_recaps import RECAP_AFTER, STEP_WORDS, TO_SEND
from records.town_files.rules.rule import Town, grouped, refusal, rows_of, rule
from records.town_files.sheet import Sheet


@rule("aid_scales", "Un barème paie par heure, demi-journée, journée ou repas, et a au moins une tranche.")
def aid_scales(town: Town, sheet: Sheet) -> None:
    """Refuse a scale by month or in all, and one without a band."""
    banded = set(town.sheets["baremes_aides_tranches"].of("scale_id"))
    for row, unit in rows_of(sheet, "unit"):
        if unit not in PAID_UNITS:
            message = "Un barème paie par heure, demi-journée, journée ou repas."
            sheet.refuse(row, "unite", "bad_unit", message)
        elif sheet.first_id + row not in banded:
            message = "Ce barème n'a aucune tranche dans baremes_aides_tranches.csv."
            sheet.refuse(row, None, "empty_scale", message)


@rule("aid_bands", "Les tranches d'un barème se suivent, sans trou ni chevauchement.")
def aid_bands(town: Town, sheet: Sheet) -> None:
    """Refuse bands of a scale that overlap or leave a gap."""
    fields = ("qf_from_e2", "qf_to_e2", "amount_cents")
    values = [sheet.of(name) for name in fields]
    for rows in grouped(sheet, "scale_id").values():
        bands = sorted((NewAidBand(*(column[row] for column in values)), row) for row in rows)
        message = refusal(check_bands, [band for band, _ in bands])
        if message is not None:
            sheet.refuse(bands[0][1], "qf_de", "bad_bands", message)


@rule("recap_steps", "Un récapitulatif est envoyé, transmis, puis reçu ; renvoyé, il recommence.")
def recap_steps(town: Town, sheet: Sheet) -> None:
    """Refuse a step that cannot follow the one before."""
    steps = sheet.of("step")
    for rows in grouped(sheet, "structure_id", "due_on").values():
        before = TO_SEND
        for row in rows:
            if before not in RECAP_AFTER[steps[row]]:
                message = f"Ce récapitulatif est {STEP_WORDS[before]} : cette étape ne peut pas suivre."
                sheet.refuse(row, "etape", "bad_order", message)
            before = steps[row]


@rule("paper_codes", "Les cinq codes de la trésorerie sont donnés ensemble, chacun à sa longueur.")
def paper_codes(town: Town, sheet: Sheet) -> None:
    """Refuse a code of the treasury that is not of its length."""
    names = [f"code_{name}" for name in CODE_LENGTHS]
    for row, *codes in rows_of(sheet, *names):
        if all(code is not None for code in codes):
            message = refusal(check_codes, CollectionCodes(*codes))
            if message is not None:
                sheet.refuse(row, "code_etablissement", "bad_code", message)
