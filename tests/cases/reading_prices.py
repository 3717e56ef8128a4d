"""The price lists of YAML cases, in the words of a town officer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tests.oracles.world import Price, PriceList

UNITS = {
    "repas": "meal",
    "unité": "unit_begun",
    "formule": "formula",
    "heure": "hour",
    "minute": "minute",
    "séance": "session",
    "jour": "day",
    "demi-journée": "half_day",
    "nuit": "night",
    "séjour": "sejour",
    "mois": "month",
    "année": "school_year",
    "fois": "occurrence",
}
KINDS = {
    "retard": "late_pickup",
    "adhésion": "membership",
    "séjour": "sejour",
    "contrat": "contract",
    "heures en plus": "overtime",
    "déduction": "deduction",
}
SITUATIONS = {
    "présent": "present",
    "imprévu": "present_unexpected",
    "prévu": "planned",
    "absence déclarée": "absent_declared",
    "absence non décidée": "absent_undecided",
    "absence justifiée": "absent_justified",
    "absence non justifiée": "absent_unjustified",
}
DAYS = {"école": "school_day", "mercredi": "wednesday", "vacances": "holiday", "week-end": "weekend"}
ORIGINS = {"à la semaine": "pattern", "au jour": "single"}
RANKS = {"foyer": "household", "inscrits": "enrolled", "du jour": "same_day"}
SCALES = {"collectif": "collective", "familial": "family"}
PACKAGES = {"inscrits": "enrolled", "venus": "attended"}
STEP_MODES = {"le haut": "up", "le bas": "down"}
ELSEWHERE = {"hors commune": "outside"}
CONDITIONS = {
    "catégorie", "formule", "QF dès", "QF avant", "pour", "par", "commune", "niveau", "rang dès", "rang jusqu'à",
    "âge dès", "âge avant", "enfants dès", "enfants jusqu'à", "situation", "hors délai", "réservé", "délai dès",
    "délai avant", "jour", "revenu dès", "revenu avant", "fratrie dès", "fratrie jusqu'à",
}  # fmt: skip
EFFECTS = {
    "prix", "taux du QF", "taux du revenu", "plancher", "plafond", "prix de", "prix à", "barème PSU",
    "sans plafond", "majoration", "réduction", "supplément", "remise", "remplacé par", "au moins", "au plus", "sur",
}  # fmt: skip


def read_lists(lists: Mapping[str, Any], unit: str) -> tuple[PriceList, ...]:
    """Read a service's price lists: « date: lignes », or « date: {arrondi: …, lignes: …} »."""
    return tuple(_read_list(date.fromisoformat(since), content, unit) for since, content in lists.items())


def _read_list(since: date, content: Any, unit: str) -> PriceList:
    about: dict[str, Any] = {"lignes": content} if isinstance(content, list) else content
    check_keys(about, {"lignes", "arrondi", "arrondi vers", "rang parmi", "adhésion des"}, "tarifs")
    return PriceList(
        since,
        tuple(read_price(row, unit) for row in about["lignes"]),
        step=number(about["arrondi"]) if "arrondi" in about else None,
        rank_basis=RANKS[about["rang parmi"]] if "rang parmi" in about else None,
        package_basis=PACKAGES[about.get("adhésion des", "inscrits")],
        step_mode=STEP_MODES[about["arrondi vers"]] if "arrondi vers" in about else None,
    )


def read_price(row: Mapping[str, str], unit: str) -> Price:
    """Read one row of a grid: its conditions, then what it does."""
    check_keys(row, CONDITIONS | EFFECTS, "tarif")
    residence = row.get("commune")
    counted, minutes = _unit(row.get("par", unit))
    return Price(
        counted,
        unit_minutes=minutes,
        category=row.get("catégorie"),
        formula=row.get("formule"),
        qf_from=_maybe(row, "QF dès"),
        qf_to=_maybe(row, "QF avant"),
        kind=KINDS[row["pour"]] if "pour" in row else None,
        residence=ELSEWHERE.get(residence, residence) if residence else None,
        level=row.get("niveau"),
        rank_from=_count(row, "rang dès"),
        rank_to=_count(row, "rang jusqu'à"),
        age_from=_months(row, "âge dès"),
        age_to=_months(row, "âge avant"),
        children_from=_count(row, "enfants dès"),
        children_to=_count(row, "enfants jusqu'à"),
        siblings_from=_count(row, "fratrie dès"),
        siblings_to=_count(row, "fratrie jusqu'à"),
        situation=SITUATIONS[row["situation"]] if "situation" in row else None,
        booked_late=row["hors délai"] == "oui" if "hors délai" in row else None,
        origin=ORIGINS[row["réservé"]] if "réservé" in row else None,
        lead_from=_lead(row, "délai dès"),
        lead_to=_lead(row, "délai avant"),
        day_kind=DAYS[row["jour"]] if "jour" in row else None,
        income_from=_maybe(row, "revenu dès"),
        income_to=_maybe(row, "revenu avant"),
        **_effect(row),
    )


def _unit(text: str) -> tuple[str, int | None]:
    """Read « heure », or « 15 min commencées »: a period begun of its own length."""
    if text.endswith(" min commencées"):
        return "unit_begun", int(text.removesuffix(" min commencées"))
    return UNITS[text], None


def _effect(row: Mapping[str, str]) -> dict[str, Any]:
    on = {"applies_to": "line" if row.get("sur") == "la ligne" else "unit"}
    if "taux du QF" in row or "taux du revenu" in row:
        basis = "qf" if "taux du QF" in row else "income"
        rate = percent(row["taux du QF"] if basis == "qf" else row["taux du revenu"])
        added = _maybe(row, "prix") or Decimal(0)
        bounds = {"floor": _maybe(row, "plancher"), "ceiling": _maybe(row, "plafond")}
        return {"form": "rate", "basis": basis, "rate": rate, "price": added, **bounds}
    if "prix de" in row:
        return {"form": "linear", "price": number(row["prix de"]), "price_to": number(row["prix à"])}
    if "barème PSU" in row:
        scale = SCALES[row["barème PSU"]]
        return {"form": "psu", "basis": scale, "above_ceiling": row.get("sans plafond") == "oui"}
    if "majoration" in row:
        return {"form": "percent", "rate": percent(row["majoration"]), **on}
    if "réduction" in row:
        return {"form": "percent", "rate": -percent(row["réduction"]), **on}
    for word, form, sign in (
        ("supplément", "add", 1),
        ("remise", "add", -1),
        ("remplacé par", "replace", 1),
        ("au moins", "minimum", 1),
        ("au plus", "maximum", 1),
    ):
        if word in row:
            return {"form": form, "price": sign * number(row[word]), **on}
    return {"price": number(row["prix"])}


def check_keys(content: Mapping[str, Any], known: set[str], where: str) -> None:
    """Refuse a word that nobody reads: a misspelt condition would be no condition."""
    unknown = set(content) - known
    assert not unknown, f"{where} : clés inconnues {sorted(unknown)}"


def number(text: str) -> Decimal:
    """Read « 2,80 »."""
    return Decimal(text.replace(",", ".").replace(" ", ""))


def percent(text: str) -> Decimal:
    """Read « 0,36 % » as 0.0036."""
    assert text.endswith("%"), text
    return number(text.removesuffix("%").strip()) / 100


def _maybe(row: Mapping[str, str], word: str) -> Decimal | None:
    return number(row[word]) if word in row else None


def _count(row: Mapping[str, str], word: str) -> int | None:
    return int(row[word]) if word in row else None


def _months(row: Mapping[str, str], word: str) -> int | None:
    """Read « 3 ans » or « 30 mois »."""
    if word not in row:
        return None
    count, unit = row[word].split(" ")
    return int(count) * {"ans": 12, "an": 12, "mois": 1}[unit]


def _lead(row: Mapping[str, str], word: str) -> int | None:
    """Read « 48 h » or « 90 min »."""
    if word not in row:
        return None
    count, unit = row[word].split(" ")
    return int(count) * {"h": 60, "min": 1}[unit]
