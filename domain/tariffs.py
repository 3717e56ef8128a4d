"""Is a price list whole? Whatever happens must meet a price, and no two bands of one list may claim the same value.

Rules are tried in their order and the first whose conditions all hold gives the price (docs/adr/0005), so an
exception stands before the general rule. Bands are half-open, QF in hundredths (`_e2`): « 1 700 à < 1 900 »
followed by « > 1 900 » leaves 1 900 without a price, as a real town once published (CAF notes §4.3). What only
modifies a price leaves no hole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import product
from typing import Any

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
BASE_FORMS = ("flat", "rate", "linear", "psu")
MODIFIERS = ("add", "percent", "replace", "minimum", "maximum")
FORMS = (*BASE_FORMS, *MODIFIERS)
INCOME_BASES = ("qf", "income")
PSU_BASES = ("collective", "family")
BASES = (*INCOME_BASES, *PSU_BASES)
APPLIES_TO = ("unit", "line")
RANK_BASES = ("household", "enrolled", "same_day")
PACKAGE_BASES = ("enrolled", "attended")
STEP_MODES = ("up", "down")  # else half up
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
_WAYS_MAX = 20_000  # ways in which named conditions combine: past it nobody could read the grid either
_NAMED = ("category", "formula", "residence", "level", "situation", "is_booked_late", "origin", "day_kind")
# Banded conditions but the QF: the two fields, whether the end is in, and how they are told.
_BANDS = {
    "income": ("income_from_cents", "income_to_cents", 0, "revenu mensuel (centimes)"),
    "rank": ("rank_from", "rank_to", 1, "rang dans la fratrie"),
    "age": ("age_from_months", "age_to_months", 0, "âge en mois"),
    "children": ("children_from", "children_to", 1, "enfants à charge"),
    "siblings": ("siblings_from", "siblings_to", 1, "enfants comptés"),
    "lead": ("lead_from_minutes", "lead_to_minutes", 0, "minutes d'avance"),
}
_LOWEST = {"rank": 1, "siblings": 1}
_WORDS = {
    "category": "catégorie", "formula": "formule", "residence": "résidence", "level": "niveau",
    "situation": "situation", "origin": "origine", "day_kind": "type de jour",
}  # fmt: skip
_COMPLETE: dict[str, tuple[Any, ...]] = {
    "situation": SITUATIONS, "is_booked_late": (True, False), "day_kind": DAY_KINDS,
}  # fmt: skip
_OTHER = "\0other"  # any value that no rule names


@dataclass(frozen=True, slots=True)
class RuleConditions:
    """The conditions of one rule: None = any; `qf_from_e2` is in, `qf_to_e2` is out of the band."""

    label: str
    category: str | None = None
    formula: str | None = None
    qf_from_e2: int | None = None
    qf_to_e2: int | None = None
    kind: str | None = None
    residence: str | None = None
    level: str | None = None
    situation: str | None = None
    is_booked_late: bool | None = None
    origin: str | None = None
    day_kind: str | None = None
    income_from_cents: int | None = None
    income_to_cents: int | None = None
    rank_from: int | None = None
    rank_to: int | None = None
    age_from_months: int | None = None
    age_to_months: int | None = None
    children_from: int | None = None
    children_to: int | None = None
    siblings_from: int | None = None
    siblings_to: int | None = None
    lead_from_minutes: int | None = None
    lead_to_minutes: int | None = None
    form: str = "flat"

    @property
    def start(self) -> int:
        """The first QF of the band."""
        return self.qf_from_e2 or 0

    @property
    def is_price(self) -> bool:
        """Whether the rule gives a price, rather than modifying one."""
        return self.form in BASE_FORMS

    def band(self, name: str) -> tuple[int, int | None]:
        """Return a band but the QF's, half-open."""
        first, last, extra, _ = _BANDS[name]
        start, end = getattr(self, first), getattr(self, last)
        return (_LOWEST.get(name, 0) if start is None else start), (None if end is None else end + extra)

    def holds_for(self, values: dict[str, Any]) -> bool:
        """Return whether the rule speaks of these values and points of the bands, whatever the QF."""
        for name in _NAMED:
            wanted = getattr(self, name)
            if wanted is not None and wanted != values[name]:
                return False
        return all(
            start <= values[name] and (end is None or values[name] < end) for name, start, end in self._bands()
        )

    def _bands(self) -> Iterator[tuple[str, int, int | None]]:
        for name in _BANDS:
            yield name, *self.band(name)

    def is_like(self, other: RuleConditions, *but: str) -> bool:
        """Return whether the other rule has the same conditions, but some fields."""
        left_out = {"label", "form", *but}
        return all(getattr(self, name) == getattr(other, name) for name in CONDITIONS if name not in left_out)


CONDITIONS = tuple(each.name for each in fields(RuleConditions))


def asks_siblings(rule: RuleConditions) -> bool:
    """Return whether a rule looks at the other children of the file: it must be told which of them count."""
    asked = (rule.rank_from, rule.rank_to, rule.siblings_from, rule.siblings_to)
    return any(each is not None for each in asked)


def is_out_of_order(places: Sequence[str | None]) -> bool:
    """Return whether something that modifies a unit's price comes after what modifies the line, in order."""
    told = [place for place in places if place is not None]
    return told != sorted(told, key=lambda place: place == "line")


def faults(rules: Sequence[RuleConditions], categories: Collection[str], formulas: Collection[str]) -> list[str]:
    """Return what is wrong with a price list, in French, in the order of its rules; nothing when it is whole.

    `categories` are those that enrolments of the service use, `formulas` those the service has.
    """
    prices = [rule for rule in rules if rule.is_price]
    if not prices:
        return ["La grille n'a aucun prix."]
    found = contradictions(rules, formulas)
    if found:
        return found
    for kind in sorted({rule.kind for rule in prices}, key=str):
        of_kind = [rule for rule in prices if rule.kind == kind]
        found += _holes(of_kind, categories if kind is None else (), formulas if kind is None else ())
    return found


def contradictions(rules: Sequence[RuleConditions], formulas: Collection[str]) -> list[str]:
    """Return what a price list says that cannot be: an unknown formula, an empty band, a value with two prices."""
    prices = [rule for rule in rules if rule.is_price]
    return [fault for rule in rules for fault in _own_faults(rule, formulas)] + _overlaps(prices)


def _holes(rules: Sequence[RuleConditions], categories: Collection[str], formulas: Collection[str]) -> list[str]:
    """Return the gaps of one kind of line, and its rules that never apply."""
    ways = _ways(rules, categories, formulas)
    count = 1
    for way in ways.values():
        count *= len(way)
    if count > _WAYS_MAX:
        return ["La grille croise trop de conditions pour être relue : séparez-la en lignes plus simples."]
    found: list[str] = []
    reached: set[int] = set()
    for combined in product(*ways.values()):
        values = dict(zip(ways, combined, strict=True))
        matching = [(place, rule) for place, rule in enumerate(rules) if rule.holds_for(values)]
        gaps, used = _cover(matching)
        reached |= used
        found += [_gap(start, end, values, ways) for start, end in gaps]
    return list(dict.fromkeys(found)) + [
        typeset(f"La ligne « {rule.label} » ne s'applique jamais : celles d'avant la couvrent toute.")
        for place, rule in enumerate(rules)
        if place not in reached
    ]


def _ways(
    rules: Sequence[RuleConditions], categories: Collection[str], formulas: Collection[str]
) -> dict[str, list[Any]]:
    """Return the values of each condition that make a difference: those named, any other, a point of each band."""
    ways: dict[str, list[Any]] = {}
    for name in _NAMED:
        named = sorted({getattr(rule, name) for rule in rules} - {None})
        if name == "category":
            others: list[Any] = [ANY_OTHER] if any(rule.category is None for rule in rules) else []
            ways[name] = [*sorted({*named, *categories}), *others] or [ANY_OTHER]
        elif name == "formula":
            ways[name] = [*sorted(formulas)] or [None]
        elif not named:
            ways[name] = [None]
        elif name in _COMPLETE:
            ways[name] = list(_COMPLETE[name])
        else:
            ways[name] = [*named, _OTHER]
    for name in _BANDS:
        bounds = {bound for rule in rules for bound in rule.band(name) if bound is not None}
        ways[name] = sorted(bounds | {_LOWEST.get(name, 0)})
    return ways


def _own_faults(rule: RuleConditions, formulas: Collection[str]) -> list[str]:
    found: list[str] = []
    if rule.formula is not None and rule.formula not in formulas:
        found.append(typeset(f"La ligne « {rule.label} » nomme une formule inconnue : « {rule.formula} »."))
    elif rule.start < 0 or (rule.qf_to_e2 is not None and rule.qf_to_e2 <= rule.start):
        found.append(typeset(f"La ligne « {rule.label} » a une tranche de QF vide ({_band(rule)})."))
    for name, (*_, told) in _BANDS.items():
        start, end = rule.band(name)
        if start < 0 or (end is not None and end <= start):
            found.append(typeset(f"La ligne « {rule.label} » a une tranche vide : {told}."))
    return found


def _overlaps(rules: Sequence[RuleConditions]) -> list[str]:
    """Return one fault for each pair of bands of the same list that share a value."""
    found: list[str] = []
    for place, rule in enumerate(rules):
        for before in rules[:place]:
            # A band before « every QF » is an exception to it, not a double claim.
            is_exception = rule.qf_from_e2 is None and rule.qf_to_e2 is None and not _is_unbounded(before)
            if rule.is_like(before, "qf_from_e2", "qf_to_e2") and not is_exception and _meet(before, rule):
                both = f"« {before.label} » ({_band(before)}) et « {rule.label} » ({_band(rule)})"
                found.append(typeset(f"QF {_qf(max(before.start, rule.start))} a deux prix : {both}."))
            found += _shared_bands(before, rule)
    return found


def _shared_bands(before: RuleConditions, rule: RuleConditions) -> Iterator[str]:
    """Yield a fault for each band but the QF's that two rules, alike for the rest, both claim a part of."""
    for name, (first, last, _, told) in _BANDS.items():
        is_general = getattr(rule, first) is None and getattr(rule, last) is None
        if is_general or not rule.is_like(before, first, last) or rule.band(name) == before.band(name):
            continue
        (one_start, one_end), (start, end) = before.band(name), rule.band(name)
        if (one_end is None or start < one_end) and (end is None or one_start < end):
            value = number(max(one_start, start))
            yield typeset(f"{told} {value} a deux prix : « {before.label} » et « {rule.label} ».")


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


def _gap(start: int, end: int | None, values: dict[str, Any], ways: dict[str, list[Any]]) -> str:
    named = [f"{word} « {values[name]} »" for name, word in _WORDS.items() if values[name] not in (None, _OTHER)]
    named += [f"autre {_WORDS[name]}" for name in _WORDS if values[name] == _OTHER]
    if values["is_booked_late"] is not None:
        named.append("réservé après le délai" if values["is_booked_late"] else "réservé à temps")
    named += [f"{told} {number(values[name])}" for name, (*_, told) in _BANDS.items() if len(ways[name]) > 1]
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
