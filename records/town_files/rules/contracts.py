"""Rules of contracts (CAF notes §1.2): inside their enrolment, and with the months that they bill."""

from __future__ import annotations

from domain.contracts import ContractTerms, faults
from records.town_files.rules.rule import Town, rows_of, rule
from records.town_files.sheet import Sheet

_TERMS = (
    "valid_from", "valid_to", "minutes_per_week", "weeks", "months", "deducted_minutes", "unbilled_month",
)  # fmt: skip


@rule(
    "care_contracts",
    "Le contrat tient dans son inscription ; ses mensualités sont les mois qu'il touche, sauf celui sans facture.",
)
def care_contracts(town: Town, sheet: Sheet) -> None:
    """Refuse a contract outside its enrolment, and months that are not those billed."""
    enrolled = town.sheets["inscriptions"]
    starts, ends, first_id = enrolled.of("valid_from"), enrolled.of("valid_to"), enrolled.first_id
    for row, enrolment, *values in rows_of(sheet, "enrolment_id", *_TERMS):
        terms = ContractTerms(*values)
        place = enrolment - first_id
        if terms.start < starts[place] or (ends[place] is not None and terms.end > ends[place]):
            message = "Le contrat doit tenir dans l'inscription (inscriptions.csv)."
            sheet.refuse(row, "debut", "outside_enrolment", message)
        elif terms.start < terms.end:
            for message in faults(terms):
                sheet.refuse(row, "mensualites", "bad_months", message)
