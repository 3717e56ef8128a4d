"""Is a price list whole? Each QF must meet a price, and no two bands of one list may claim the same QF.

Rules are tried in their order and the first whose conditions all hold gives the price (docs/adr/0005), so an
exception stands before the general rule. QF bands are half-open, in hundredths (`_e2`): « 1 700 à < 1 900 »
followed by « > 1 900 » leaves 1 900 without a price, as a real town once published (CAF notes §4.3).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from domain.french import number, typeset

RULE_KINDS = ("late_pickup", "membership", "sejour", "contract", "overtime", "deduction")
SITUATIONS = (
    "present",
    "present_unexpected",
    "planned",
    "absent_undecided",
    "absent_declared",
    "absent_unjustified",
    "absent_justified",
)
ORIGINS = ("pattern", "single")
DAY_KINDS = ("school_day", "wednesday", "holiday", "weekend")
OUTSIDE = "outside"  # the zone of a commune that no list names
BASE_FORMS = ("flat", "rate", "linear", "psu")
MODIFIERS = ("add", "percent", "replace", "minimum", "maximum")
FORMS = (*BASE_FORMS, *MODIFIERS)
INCOME_BASES = ("qf", "income")
PSU_BASES = ("collective", "family")
BASES = (*INCOME_BASES, *PSU_BASES)
APPLIES_TO = ("unit", "line")
RANK_BASES = ("household", "enrolled", "same_day")
PACKAGE_BASES = ("enrolled", "attended")
UNITS = (
    "meal",
    "formula",
    "session",
    "day",
    "half_day",
    "unit_begun",
    "hour",
    "minute",
    "night",
    "sejour",
    "month",
    "school_year",
    "occurrence",
)

ANY_OTHER = None  # the category of an enrolment that no rule names


@dataclass(frozen=True, slots=True)
class RuleConditions:
    """The conditions of one rule: None = any; `qf_from_e2` is in, `qf_to_e2` is out of the band."""

    label: str
    category: str | None
    formula: str | None
    qf_from_e2: int | None
    qf_to_e2: int | None

    @property
    def start(self) -> int:
        """The first QF of the band."""
        return self.qf_from_e2 or 0

    def holds_for(self, category: str | None, formula: str | None) -> bool:
        """Return whether the rule speaks of that category and formula."""
        return self.category in (None, category) and self.formula in (None, formula)

    def is_like(self, other: RuleConditions) -> bool:
        """Return whether the other rule is a band of the same list."""
        return (self.category, self.formula) == (other.category, other.formula)


def faults(rules: Sequence[RuleConditions], categories: Collection[str], formulas: Collection[str]) -> list[str]:
    """Return what is wrong with a price list, in French, in the order of its rules; nothing when it is whole.

    `categories` are those that enrolments of the service use, `formulas` those the service has.
    """
    if not rules:
        return ["La grille n'a aucun prix."]
    found = contradictions(rules, formulas)
    if found:
        return found
    named = sorted({rule.category for rule in rules if rule.category is not None} | set(categories))
    others = [ANY_OTHER] if any(rule.category is None for rule in rules) else []
    reached: set[int] = set()
    ways: list[str | None] = [*sorted(formulas)] or [None]
    for category, formula in product([*named, *others], ways):
        matching = [(place, rule) for place, rule in enumerate(rules) if rule.holds_for(category, formula)]
        gaps, used = _cover(matching)
        reached |= used
        found += [_gap(start, end, category, formula) for start, end in gaps]
    found += [
        typeset(f"La ligne « {rule.label} » ne s'applique jamais : celles d'avant la couvrent toute.")
        for place, rule in enumerate(rules)
        if place not in reached
    ]
    return found


def contradictions(rules: Sequence[RuleConditions], formulas: Collection[str]) -> list[str]:
    """Return what a price list says that cannot be: an unknown formula, an empty band, a QF with two prices."""
    return [fault for rule in rules for fault in _own_faults(rule, formulas)] + _overlaps(rules)


def _own_faults(rule: RuleConditions, formulas: Collection[str]) -> list[str]:
    if rule.formula is not None and rule.formula not in formulas:
        return [typeset(f"La ligne « {rule.label} » nomme une formule inconnue : « {rule.formula} ».")]
    if rule.start < 0 or (rule.qf_to_e2 is not None and rule.qf_to_e2 <= rule.start):
        return [typeset(f"La ligne « {rule.label} » a une tranche de QF vide ({_band(rule)}).")]
    return []


def _overlaps(rules: Sequence[RuleConditions]) -> list[str]:
    """Return one fault for each pair of bands of the same list that share a QF."""
    found: list[str] = []
    for place, rule in enumerate(rules):
        for before in rules[:place]:
            # A band before « every QF » is an exception to it, not a double claim.
            is_exception = rule.qf_from_e2 is None and rule.qf_to_e2 is None and not _is_unbounded(before)
            if rule.is_like(before) and not is_exception and _meet(before, rule):
                both = f"« {before.label} » ({_band(before)}) et « {rule.label} » ({_band(rule)})"
                found.append(typeset(f"QF {_qf(max(before.start, rule.start))} a deux prix : {both}."))
    return found


def _is_unbounded(rule: RuleConditions) -> bool:
    return rule.qf_from_e2 is None and rule.qf_to_e2 is None


def _meet(one: RuleConditions, other: RuleConditions) -> bool:
    return (one.qf_to_e2 is None or other.start < one.qf_to_e2) and (
        other.qf_to_e2 is None or one.start < other.qf_to_e2
    )


def _cover(
    matching: Sequence[tuple[int, RuleConditions]],
) -> tuple[list[tuple[int, int | None]], set[int]]:
    """Return the QF ranges that no rule prices, and the places of the rules that price something."""
    free: list[tuple[int, int | None]] = [(0, None)]
    used: set[int] = set()
    for place, rule in matching:
        left: list[tuple[int, int | None]] = []
        for start, end in free:
            rest = _without(start, end, rule)
            if rest != [(start, end)]:
                used.add(place)
            left += rest
        free = left
    return free, used


def _without(start: int, end: int | None, rule: RuleConditions) -> list[tuple[int, int | None]]:
    """Return what is left of [start, end) once the rule's band is taken out."""
    if (end is not None and rule.start >= end) or (rule.qf_to_e2 is not None and rule.qf_to_e2 <= start):
        return [(start, end)]
    left: list[tuple[int, int | None]] = []
    if rule.start > start:
        left.append((start, rule.start))
    if rule.qf_to_e2 is not None and (end is None or rule.qf_to_e2 < end):
        left.append((rule.qf_to_e2, end))
    return left


def _gap(start: int, end: int | None, category: str | None, formula: str | None) -> str:
    named = [f"catégorie « {category} »"] if category else []
    named += [f"formule « {formula} »"] if formula else []
    where = f" ({', '.join(named)})" if named else ""
    if (start, end) == (0, None):
        return typeset(f"Aucun QF n'a de prix{where}.")
    if end == start + 1:
        return typeset(f"QF {_qf(start)} n'a pas de prix{where}.")
    if end is None:
        return typeset(f"QF {_qf(start)} et au-dessus : pas de prix{where}.")
    return typeset(f"QF {_qf(start)} n'a pas de prix, ni ceux qui suivent jusqu'à {_qf(end)} exclu{where}.")


def _band(rule: RuleConditions) -> str:
    if rule.qf_to_e2 is None:
        return "tous les QF" if rule.start == 0 else f"à partir de {_qf(rule.start)}"
    return f"de {_qf(rule.start)} à moins de {_qf(rule.qf_to_e2)}"


def _qf(value_e2: int) -> str:
    return number(Decimal(value_e2) / 100, 0 if value_e2 % 100 == 0 else 2)
