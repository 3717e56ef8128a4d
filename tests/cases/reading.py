"""From a YAML case, in the words of a town officer, to a small town and what must come out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from domain.french import WEEKDAYS
from tests.oracles.world import (
    Booking,
    Child,
    Custody,
    Decision,
    EnrolledPayer,
    Enrolment,
    Formula,
    Hole,
    Pattern,
    Price,
    PriceList,
    Qf,
    Rule,
    Service,
    Tap,
    Town,
)

FOLDER = Path(__file__).parent / "pricing"
TOWN_FILE = FOLDER / "_ville.yaml"
SINCE = date(2026, 9, 1)
QF_RULES = {
    "du jour": "on_day",
    "du 1er septembre": "school_year",
    "du 1er janvier ou du 1er septembre": "january_september",
}
UNITS = {"repas": "meal", "unité": "unit_begun", "formule": "formula"}
ACTIONS = {
    "réserve": "book",
    "annule": "cancel",
    "déclare absent": "absence",
    "acceptée": "accept",
    "refusée": "refuse",
    "en attente": "wait",
}
DECISIONS = {
    "A": "absent_unjustified",
    "AJ": "absent_justified",
    "arrivée": "arrival",
    "départ": "departure",
    "retard accepté": "late_accepted",
    "retard effacé": "late_waived",
    "efface": "clear",
}
TAPS = {"badge": "badge", "présent": "present", "parti": "left", "annule": "undo"}
SPECIAL_DAYS = {
    "vacances": "school_holiday",
    "férié": "public_holiday",
    "pont": "bridge",
    "fermeture": "closure",
}


@dataclass(frozen=True)
class Case:
    """One case: its name, its town, the days it looks at and what it expects of them."""

    name: str
    file: str
    town: Town
    first: date
    last: date
    expected: Mapping[str, Any]


def read_cases() -> list[Case]:
    """Return every case of the folder, in order."""
    return [
        _case(path.stem, content)
        for path in sorted(FOLDER.glob("*.yaml"))
        if path != TOWN_FILE
        for content in _load(path)
    ]


def _load(path: Path) -> Any:
    # Every value stays the text that was typed: « 2,80 » is no float and « 2026-11-24 » no date yet.
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def _case(file: str, content: dict[str, Any]) -> Case:
    known = {
        "name", "jours", "maintenant", "enfant", "qf", "payeurs", "garde", "inscriptions", "réservations",
        "décisions", "pointages", "calendrier", "services", "trous", "attendu",
    }  # fmt: skip
    _check_keys(content, known, content["name"])
    first, _, last = content["jours"].partition(" au ")
    child = _child(content)
    town = Town(
        now=_moment(content.get("maintenant", "2027-02-01 08:00")),
        services=_services(content.get("services", {})),
        child=child,
        holes=[_hole(text) for text in content.get("trous", [])],
        special_days={
            date.fromisoformat(day): SPECIAL_DAYS[kind] for day, kind in content.get("calendrier", {}).items()
        },
        caf_caps={
            "wednesday_day_cap": [(date(2018, 9, 3), Decimal(540))],
            "wednesday_half_day_cap": [(date(2018, 9, 3), Decimal(240))],
        },
    )
    _check_keys(content["attendu"], {"lignes", "total", "caf", "repas", "message"}, content["name"])
    return Case(
        content["name"],
        file,
        town,
        date.fromisoformat(first),
        date.fromisoformat(last or first),
        content["attendu"],
    )


def _child(content: dict[str, Any]) -> Child:
    about = content.get("enfant", {})
    _check_keys(about, {"né le", "régime", "régimes alimentaires"}, content["name"])
    born = about.get("né le", "2018-05-04")
    regime = about.get("régime", "RG")
    return Child(
        "enfant",
        born=None if born == "inconnu" else date.fromisoformat(born),
        regimes=[] if regime == "inconnu" else [_regime(text) for text in regime.split(" puis ")],
        diets=about.get("régimes alimentaires", []),
        payers=content.get("payeurs", ["mère"]),
        qfs=_qfs(content.get("qf", "742")),
        custody=[_custody(each) for each in content.get("garde", [])],
        enrolments=[_enrolment(each, content) for each in content.get("inscriptions", [])],
        bookings=[_booking(text) for text in content.get("réservations", [])],
        decisions=[_decision(text) for text in content.get("décisions", [])],
        taps=[_tap(text) for text in content.get("pointages", [])],
    )


def _regime(text: str) -> tuple[date, str]:
    group, _, since = text.partition(" dès ")
    return (date.fromisoformat(since) if since else SINCE), group


def _qfs(content: Any) -> list[Qf]:
    if content == "inconnu":
        return []
    if isinstance(content, str):
        return [Qf(_number(content), SINCE)]
    found = []
    for order, each in enumerate(content):
        _check_keys(each, {"valeur", "dès", "source", "payeur", "corrige"}, "qf")
        since, value = date.fromisoformat(each.get("dès", "2026-09-01")), _number(each["valeur"])
        corrects = int(each["corrige"]) - 1 if "corrige" in each else None
        found.append(Qf(value, since, each.get("source", "caf"), each.get("payeur"), order, corrects))
    return found


def _custody(content: dict[str, Any]) -> Custody:
    _check_keys(content, {"dès", "lundi de départ", "quatorze jours", "payeurs"}, "garde")
    one, two = content["payeurs"]
    since = date.fromisoformat(content.get("dès", "2026-09-01"))
    return Custody(since, date.fromisoformat(content["lundi de départ"]), content["quatorze jours"], (one, two))


def _enrolment(content: dict[str, Any], case: dict[str, Any]) -> Enrolment:
    _check_keys(
        content, {"service", "catégorie", "jours", "semaine", "formule", "payeurs", "du", "au"}, "inscription"
    )
    week = content.get("semaine")
    letter, _, anchor = week.partition(" depuis le ") if week else (None, "", "")
    patterns = [
        Pattern(
            WEEKDAYS.index(day),
            letter,
            date.fromisoformat(anchor) if anchor else None,
            content.get("formule"),
            SINCE,
        )
        for day in content.get("jours", [])
    ]
    payers = [_enrolled_payer(text) for text in content.get("payeurs", case.get("payeurs", ["mère"])[:1])]
    since = date.fromisoformat(content.get("du", "2026-09-01"))
    until = date.fromisoformat(content["au"]) if "au" in content else None
    category = content.get("catégorie", "enfant")
    return Enrolment(content["service"], category, tuple(patterns), tuple(payers), since, until)


def _enrolled_payer(text: str) -> EnrolledPayer:
    """Read « mère », « mère selon la garde », « mère dès 2026-11-20 », « mère avant 2026-11-20 »."""
    name, rule, since, until = text, "all", SINCE, None
    if name.endswith(" selon la garde"):
        name, rule = name.removesuffix(" selon la garde"), "custody"
    if " dès " in name:
        name, _, day = name.partition(" dès ")
        since = date.fromisoformat(day)
    if " avant " in name:
        name, _, day = name.partition(" avant ")
        until = date.fromisoformat(day)
    return EnrolledPayer(name, rule, since, until)


def _booking(text: str) -> Booking:
    """Read « 2026-11-24 cantine annule » or « 2026-11-25 mercredi réserve, journee-repas »."""
    day, service, rest = text.split(" ", 2)
    action, _, formula = rest.partition(", ")
    return Booking(service, date.fromisoformat(day), ACTIONS[action], formula or None)


def _decision(text: str) -> Decision:
    """Read « 2026-11-24 cantine AJ », « 2026-11-24 soir départ 17:20 », with « , la veille » when made before."""
    said, _, when = text.partition(", ")
    day, service, rest = said.split(" ", 2)
    kind, _, clock = rest.rpartition(" ") if ":" in rest else (rest, "", "")
    made = datetime.combine(date.fromisoformat(day), time(7) if when == "la veille" else time(19))
    at = _moment(f"{day} {clock}") if clock else None
    return Decision(service, date.fromisoformat(day), DECISIONS[kind], made, at)


def _tap(text: str) -> Tap:
    """Read « 2026-11-24 16:32 soir badge », « 2026-11-24 16:32 badge » or « 2026-11-24 16:33 annule le 1 »."""
    day, clock, *rest = text.split(" ")
    at = _moment(f"{day} {clock}")
    if rest[0] == "annule":
        return Tap(at, "undo", undoes=int(rest[2]) - 1)
    return Tap(at, TAPS[rest[-1]], rest[0] if len(rest) == 2 else None)


def _hole(text: str) -> Hole:
    """Read « 2026-11-24 17:00 à 17:20 » or « 2026-11-24 17:00 à 20:00, borne muette »."""
    said, _, silent = text.partition(", ")
    since, _, until = said.partition(" à ")
    return Hole(_moment(since), _moment(f"{since.split(' ')[0]} {until}"), silent == "borne muette")


def _services(changes: dict[str, Any]) -> list[Service]:
    base = _load(TOWN_FILE)
    unknown = set(changes) - set(base)
    assert not unknown, f"services : {unknown} ne sont pas dans _ville.yaml"
    return [_service(ref, {**about, **changes.get(ref, {})}) for ref, about in base.items()]


def _service(ref: str, about: dict[str, Any]) -> Service:
    start, end = (_minute(text) for text in about["plage"].split("-"))
    rule = Rule(
        SINCE,
        weekdays=tuple(WEEKDAYS.index(day) for day in about["jours"]),
        slot=(start, end),
        grace=int(about["marge"]),
        anti_bounce_seconds=int(about["anti-rebond"]),
        needs_departure=about["départ"] == "oui",
        rounding=int(about["unité"]),
        tolerance=int(about["tolérance"]),
        basis={"réservation": "booking", "présence": "presence"}[about["facture"]],
        undecided={"facturée": "billed", "non facturée": "not_billed", "sans ligne": "no_line"}[
            about["non décidée"]
        ],
        caf={"plage": "slot_full", "formule": "formula_capped", "réel": "real"}[about["heures CAF"]],
        meal=about["repas"] == "oui",
        priced=about["facturé"] == "oui",
        qf=QF_RULES[about.get("QF retenu", "du jour")],
    )
    formulas = tuple(_formula(code, text) for code, text in about.get("formules", {}).items())
    lists = tuple(
        PriceList(date.fromisoformat(since), tuple(_price(row, about["tarif par"]) for row in rows))
        for since, rows in about.get("tarifs", {}).items()
    )
    return Service(ref, about["genre"], (rule,), formulas, lists, about["CAF"])


def _formula(code: str, text: str) -> Formula:
    """Read « 07:45-12:00, 1 demi-journée, sans repas »."""
    span, halves, meal = text.split(", ")
    start, end = (_minute(part) for part in span.split("-"))
    return Formula(code, start, end, int(halves[0]), meal == "avec repas")


def _price(row: dict[str, Any], unit: str) -> Price:
    _check_keys(row, {"prix", "catégorie", "formule", "QF dès", "QF avant"}, "tarif")
    low, high = row.get("QF dès"), row.get("QF avant")
    price = Price(UNITS[unit], _number(row["prix"]), row.get("catégorie"), row.get("formule"))
    return replace(price, qf_from=_number(low) if low else None, qf_to=_number(high) if high else None)


def _check_keys(content: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = set(content) - known
    assert not unknown, f"{where} : clés inconnues {sorted(unknown)}"


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
