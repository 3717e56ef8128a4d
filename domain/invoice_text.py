"""An invoice's frozen body in French: the same words at the command line and on staff pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from domain.french import NBSP, PLURAL_FROM, euros, month_name, number, short_date, typeset

UNITS = {
    "meal": "repas",
    "unit_begun": "unité",
    "formula": "formule",
    "session": "séance",
    "day": "jour",
    "half_day": "demi-journée",
    "hour": "heure",
    "minute": "minute",
    "night": "nuit",
    "sejour": "séjour",
    "month": "mois",
    "school_year": "année",
    "occurrence": "fois",
}
_BEGUN = {
    15: ("quart d'heure", "quarts d'heure"),
    30: ("demi-heure", "demi-heures"),
    60: ("heure", "heures"),
}
REASONS = {"late": "ligne tardive", "changed": "corrigée", "gone": "retirée"}
NOBODY = "Personne effacée"  # a child, or an adult who eats


def invoice_sentences(body: Mapping[str, Any], children: Mapping[str, str]) -> Iterator[str]:
    """Yield what an invoice holds, line by line; `children` are first names by reference."""
    for group in body["lines"]:
        cents = sum(day["amount"] - day["covered"] for day in group["days"])
        first_name = children.get(group["child"], NOBODY)
        yield typeset(f"{first_name}, {group['service_label']}, {group['place_label']} : {euros(cents)}")
        for day in group["days"]:
            yield f"  {day_sentence(group, day)}"
    for each in body["adjustments"]:
        yield adjustment_sentence(each, children)
    for each in body["carried"]:
        yield typeset(f"Report de {month_name(date.fromisoformat(each['month']))} : {euros(each['cents'])}")
    for each in body["aside"]:
        word = "gardé pour ce service" if each["cents"] < 0 else "gardé avant, utilisé"
        yield typeset(f"Avoir {word}, {each['service_label']} : {euros(abs(each['cents']))}")


def day_sentence(group: Mapping[str, Any], day: Mapping[str, Any]) -> str:
    """Return « 03/11/2026 : 1 repas, 2,80 € », and what third parties pay of it."""
    told = quantity(Decimal(day["units"]) / 10_000, group)
    text = f"{short_date(date.fromisoformat(day['day']))} : {told}, {euros(day['amount'])}"
    if day["covered"]:
        text += f", dont {euros(day['covered'])} pris en charge"
    return typeset(text)


def quantity(units: Decimal, group: Mapping[str, Any]) -> str:
    """Return « 2 demi-heures », « 1,5 heure », « 4 repas » of a group's unit: every decimal that was billed."""
    one, several = _unit_words(group)
    decimals = max(0, -int(units.normalize().as_tuple().exponent))
    return typeset(f"{number(units, decimals)}{NBSP}{one if abs(units) < PLURAL_FROM else several}")


def _unit_words(group: Mapping[str, Any]) -> tuple[str, str]:
    """Return the unit for one and for several; one that is begun is named by how long it lasts."""
    minutes = (group.get("why") or {}).get("rounding") or 0
    if group["unit"] == "unit_begun" and minutes:
        return _BEGUN.get(minutes, (f"tranche de {minutes} min", f"tranches de {minutes} min"))
    word = UNITS.get(group["unit"], group["unit"])
    return word, word if word.endswith("s") else f"{word}s"


def adjustment_sentence(each: Mapping[str, Any], children: Mapping[str, str]) -> str:
    """Return the words of a régularisation: what was invoiced, what it is now, the difference."""
    day = short_date(date.fromisoformat(each["day"]))
    return typeset(
        f"Régularisation, {children.get(each['child'], NOBODY)}, {each['service_label']}, {day} "
        f"({REASONS[each['reason']]}) : {euros(each['before'])} facturé, {euros(each['now'])} dû, "
        f"{euros(each['now'] - each['before'])}"
    )
