"""Can the effect of one rule of a tariff be? The database refuses the same by its checks (docs/adr/0020)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.tariffs import (
    APPLIES_TO,
    BASE_FORMS,
    DAY_KINDS,
    FORMS,
    INCOME_BASES,
    MODIFIERS,
    ORIGINS,
    PSU_BASES,
    RULE_KINDS,
    SITUATIONS,
    UNITS,
)

_CODES = {
    "form": FORMS,
    "unit": UNITS,
    "kind": RULE_KINDS,
    "situation": SITUATIONS,
    "origin": ORIGINS,
    "day_kind": DAY_KINDS,
    "applies_to": APPLIES_TO,
}
_WITHOUT_AMOUNT = ("percent", "psu")
_BASES = {"rate": INCOME_BASES, "psu": PSU_BASES}
_WHOLE_E6 = 1_000_000
_A_DAY = 1440


def effect_fault(rule: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a rule given by its fields, in French; None when its effect can be."""
    for name, allowed in _CODES.items():
        if rule[name] is not None and rule[name] not in allowed:
            return f"valeur inconnue « {rule[name]} »."
    form = rule["form"]
    checks = {
        "donnez une unité à un prix, et à lui seul.": (rule["unit"] is not None) == (form in BASE_FORMS),
        "dites si le prix d'une unité ou la ligne est modifié.": (rule["applies_to"] is not None)
        == (form in MODIFIERS),
        "donnez le montant, sauf pour un pourcentage ou le barème PSU.": _has_its_amount(rule),
        "un prix ne peut pas être négatif.": form == "add" or (rule["amount_e4"] or 0) >= 0,
        "une droite va d'un QF à un autre, d'un montant à un autre.": _is_line(rule),
        "un taux ou un pourcentage, et eux seuls, demandent un taux.": (rule["rate_e6"] is not None)
        == (form in ("rate", "percent")),
        "un taux n'est pas négatif ; un pourcentage retire au plus 100 %.": _has_its_rate(rule),
        "dites de quoi le taux est pris.": rule["basis"] in _BASES.get(form, (None,)),
        "le plafond ne peut pas être sous le plancher, et seul un taux en a.": _has_its_bounds(rule),
        "le barème PSU, et lui seul, dit s'il continue au-delà du plafond.": (rule["above_ceiling"] is not None)
        == (form == "psu"),
        "seule une unité commencée a une durée, de 1 à 1 440 minutes.": _has_its_minutes(rule),
        "le barème PSU est un prix à l'heure.": form != "psu" or rule["unit"] == "hour",
    }
    return next((fault for fault, holds in checks.items() if not holds), None)


def _has_its_amount(rule: Mapping[str, Any]) -> bool:
    if rule["form"] in _WITHOUT_AMOUNT:
        return rule["amount_e4"] is None
    return rule["form"] == "rate" or rule["amount_e4"] is not None


def _has_its_minutes(rule: Mapping[str, Any]) -> bool:
    minutes = rule["unit_minutes"]
    return minutes is None or (rule["unit"] == "unit_begun" and 1 <= minutes <= _A_DAY)


def _is_line(rule: Mapping[str, Any]) -> bool:
    if rule["form"] != "linear":
        return rule["amount_to_e4"] is None
    ends = rule["amount_to_e4"], rule["qf_from_e2"], rule["qf_to_e2"]
    return None not in ends and rule["amount_to_e4"] >= 0


def _has_its_rate(rule: Mapping[str, Any]) -> bool:
    rate = rule["rate_e6"]
    return rate is None or rate >= (-_WHOLE_E6 if rule["form"] == "percent" else 0)


def _has_its_bounds(rule: Mapping[str, Any]) -> bool:
    floor, ceiling = rule["floor_e4"], rule["ceiling_e4"]
    if rule["form"] != "rate":
        return floor is None and ceiling is None
    return (floor or 0) >= 0 and (ceiling is None or ceiling >= (floor or 0))
