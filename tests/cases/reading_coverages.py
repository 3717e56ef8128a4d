"""What bodies pay in YAML cases: decisions, and scales of aid by QF."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.cases.reading_prices import check_keys, number, percent
from tests.oracles.world import AidScale, Coverage

FORMS = {"part": "percent", "forfait": "flat", "barème": "scale", "jusqu'à": "cap"}
COVERED_BY = {
    "heure": "hour",
    "demi-journée": "half_day",
    "jour": "day",
    "repas": "meal",
    "mois": "month",
    "en tout": "total",
}
STATES = {
    "demandée": "asked",
    "devis": "quoted",
    "notifiée": "notified",
    "appliquée": "applied",
    "épuisée": "used_up",
    "refusée": "refused",
}


def read_coverage(content: dict[str, Any]) -> Coverage:
    """Return the decision of a body."""
    known = {
        "décision", "organisme", "par", "jusqu'à", "forfait", "part", "rang", "du", "au", "unités",
        "en tout au plus", "état", "inscriptions", "au plus", "unités par an", "vacances seulement", "barème",
    }  # fmt: skip
    check_keys(content, known, "prises en charge")
    amount = content.get("jusqu'à", content.get("forfait"))
    return Coverage(
        content["décision"],
        content["organisme"],
        FORMS[next((word for word in FORMS if word in content), "jusqu'à")],
        COVERED_BY[content.get("par", "en tout")],
        date.fromisoformat(content.get("du", "2026-09-01")),
        date.fromisoformat(content["au"]) if "au" in content else None,
        rank=int(content.get("rang", "1")),
        percent=percent(content["part"]) if "part" in content else None,
        amount=number(amount) if amount else None,
        unit_ceiling=number(content["au plus"]) if "au plus" in content else None,
        year_units=int(content["unités par an"]) if "unités par an" in content else None,
        holidays_only=content.get("vacances seulement") == "oui",
        units_max=int(content["unités"]) if "unités" in content else None,
        ceiling=number(content["en tout au plus"]) if "en tout au plus" in content else None,
        state=STATES[content.get("état", "appliquée")],
        enrolments=tuple(int(each) - 1 for each in content.get("inscriptions", ["1"])),
    )


def read_scales(content: dict[str, Any]) -> dict[str, tuple[AidScale, ...]]:
    """Return the scales of each body, in the order in which they are written."""
    return {body: tuple(_scale(each) for each in scales) for body, scales in content.items()}


def _scale(content: dict[str, Any]) -> AidScale:
    """Read « tranches: {0 à 400: "6,00"} », of the QF « du jour » or « du 1er janvier »."""
    check_keys(content, {"dès", "QF", "tranches"}, "barèmes d'aide")
    bands = []
    for band, amount in content["tranches"].items():
        low, high = map(number, band.split(" à "))
        bands.append((low, high, number(amount)))
    since = date.fromisoformat(content.get("dès", "2026-09-01"))
    return AidScale(since, tuple(bands), {"du jour": "on_day", "du 1er janvier": "january"}[content["QF"]])
