"""The services of YAML cases: those of the town, those of other activities, and what a case changes of them."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from domain.french import WEEKDAYS
from tests.cases.reading_prices import read_lists
from tests.oracles.world import Formula, Rule, Service

FOLDER = Path(__file__).parent / "pricing"
TOWN_FILE = FOLDER / "_ville.yaml"
MORE_FILE = FOLDER / "_autres_services.yaml"
SINCE = date(2026, 9, 1)
QF_RULES = {
    "du jour": "on_day",
    "du 1er du mois": "month_start",
    "du 1er septembre": "school_year",
    "du 1er janvier": "january",
    "du 1er janvier ou du 1er septembre": "january_september",
}
BACKDATINGS = {"à sa date": "from_effect", "au jour reçu": "from_record", "au mois reçu": "from_record_month"}
ROUNDED = {"durée": "duration", "extrémités": "ends", "arrivée": "arrival", "départ": "departure"}
ROUNDINGS = {"commencée": "begun", "au plus près": "nearest", "écoulée": "elapsed"}
CAF_RULES = {
    "plage": "slot_full",
    "formule": "formula_capped",
    "unité facturée": "billed_unit",
    "séjour": "sejour",
    "réel": "real",
    "aucune": "none",
}
PERIODS = {"école": "school", "vacances": "holiday", "toujours": "any"}


@cache
def load(path: Path) -> Any:
    # Every value stays the text that was typed: « 2,80 » is no float and « 2026-11-24 » no date yet.
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)


def read_services(case: dict[str, Any]) -> list[Service]:
    """Return the town's services, as the case changes them, and those of other activities that it speaks of."""
    base, more, changes = dict(load(TOWN_FILE)), load(MORE_FILE), case.get("services", {})
    children = [case, *case.get("fratrie", [])]
    spoken = {each["service"] for child in children for each in child.get("inscriptions", [])} | set(changes)
    base |= {ref: about for ref, about in more.items() if ref in spoken}
    unknown = set(changes) - set(base)
    assert not unknown, f"services : {unknown} ne sont pas dans _ville.yaml ni dans _autres_services.yaml"
    return [_service(ref, {**about, **changes.get(ref, {})}) for ref, about in base.items()]


def _service(ref: str, about: dict[str, Any]) -> Service:
    rule = Rule(
        date.fromisoformat(about.get("règle dès", "2026-09-01")),
        weekdays=tuple(WEEKDAYS.index(day) for day in about["jours"]),
        slot=span(about["plage"]),
        grace=int(about["marge"]),
        anti_bounce_seconds=int(about["anti-rebond"]),
        needs_departure=about["départ"] == "oui",
        period=PERIODS[about.get("période", "école")],
        rounding=int(about["unité"]),
        tolerance=int(about["tolérance"]),
        rounding_on=ROUNDED[about.get("arrondi sur", "durée")],
        rounding_mode=ROUNDINGS[about.get("unité comptée", "commencée")],
        basis={"réservation": "booking", "présence": "presence"}[about["facture"]],
        undecided={"facturée": "billed", "non facturée": "not_billed", "sans ligne": "no_line"}[
            about["non décidée"]
        ],
        caf=CAF_RULES[about["heures CAF"]],
        meal=about["repas"] == "oui",
        priced=about["facturé"] == "oui",
        qf=QF_RULES[about.get("QF retenu", "du jour")],
        qf_known_on=_month_day(about["QF connu le"]) if "QF connu le" in about else None,
        qf_backdating=BACKDATINGS[about.get("QF reçu tard", "à sa date")],
    )
    formulas = tuple(_formula(code, text) for code, text in about.get("formules", {}).items())
    lists = read_lists(about.get("tarifs", {}), about["tarif par"])
    return Service(ref, about["genre"], (rule,), formulas, lists, about["CAF"])


def _month_day(text: str) -> tuple[int, int]:
    """Read « 31/03 »."""
    day, month = text.split("/")
    return int(month), int(day)


def _formula(code: str, text: str) -> Formula:
    """Read « 07:45-12:00, 1 demi-journée, sans repas »."""
    hours, halves, meal = text.split(", ")
    return Formula(code, *span(hours), int(halves[0]), meal == "avec repas")


def span(text: str) -> tuple[int, int]:
    start, end = (minute(part) for part in text.split("-"))
    return start, end


def minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
