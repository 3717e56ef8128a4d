"""What each CHECK of the tables says in French, for the fault that names the line it refuses."""

_END = "La fin doit venir après le début."
_HOURS = "L'heure de fin doit venir après l'heure de début."
_BOTH_HOURS = "Donnez l'heure de début et l'heure de fin, ou aucune des deux."
_WEEKDAY = "Donnez un jour de semaine."
_TWO_PAYERS = "Donnez deux payeurs différents."
_DATED = (
    "paying_body", "service_place", "absence_reason", "address", "family_member", "class_membership", "diet",
    "enrolment", "enrolment_pattern", "enrolment_payer", "badge_assignment",
)  # fmt: skip

CHECK_WORDS: dict[tuple[str, str], str] = {
    **{(table, "valid_from_before_valid_to"): _END for table in _DATED},
    ("address", "one_owner"): "Donnez un dossier ou une personne, pas les deux.",
    ("booking", "order"): _HOURS,
    ("booking", "start_and_end"): _BOTH_HOURS,
    ("calendar_day", "one_scope"): "Donnez une zone ou une structure, pas les deux.",
    ("collectivity", "one_row"): "Une seule collectivité par base.",
    ("custody_calendar", "fourteen_days"): "Donnez 14 jours, un chiffre chacun.",
    ("custody_calendar", "two_payers"): _TWO_PAYERS,
    ("custody_holiday", "two_payers"): _TWO_PAYERS,
    ("enrolment_pattern", "cycle_has_anchor"): "Une semaine a ou b demande une ancre, et inversement.",
    ("enrolment_pattern", "weekday"): _WEEKDAY,
    ("payer", "person_or_body"): "Un payeur est une personne ou un organisme, pas les deux.",
    ("qf", "value_not_negative"): "Un QF ne peut pas être négatif.",
    ("school_year", "order"): _END,
    ("service_formula", "half_days"): "Une formule compte pour une ou deux demi-journées.",
    ("service_formula", "order"): _HOURS,
    ("service_rule", "positive"): "L'unité dure au moins une minute, et un délai n'est pas négatif.",
    ("service_rule", "slot_order"): _HOURS,
    ("service_rule", "weekday_mask"): "Choisissez au moins un jour d'ouverture.",
    ("tariff_rule", "amount_not_negative"): "Un prix ne peut pas être négatif.",
    ("tariff_rule", "band_order"): "La tranche de QF est vide : qf_a_exclu doit dépasser qf_de.",
}
