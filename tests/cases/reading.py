"""From a YAML case, in the words of a town officer, to a small town and what must come out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from domain.french import WEEKDAYS
from tests.cases.reading_coverages import read_coverage, read_scales
from tests.cases.reading_prices import check_keys as _check_keys
from tests.cases.reading_prices import number as _number
from tests.cases.reading_prices import read_lists
from tests.cases.reading_services import FOLDER, SINCE, load, read_services, span
from tests.oracles.world import (
    Booking,
    Child,
    Contract,
    Custody,
    Decision,
    EnrolledPayer,
    Enrolment,
    Hole,
    HolidayHalves,
    Home,
    Income,
    Pattern,
    Qf,
    Sejour,
    Tap,
    Town,
    Zone,
)

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
HOLIDAYS = {
    "Toussaint": "autumn",
    "Noël": "christmas",
    "hiver": "winter",
    "printemps": "spring",
    "été": "summer",
}
SPECIAL_DAYS = {
    "vacances": "school_holiday",
    "férié": "public_holiday",
    "pont": "bridge",
    "fermeture": "closure",
    "fermeture imprévue": "shut",
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
        read_case(path.stem, content)
        for path in sorted(FOLDER.glob("*.yaml"))
        if not path.name.startswith("_")
        for content in load(path)
    ]


def read_case(file: str, content: dict[str, Any]) -> Case:
    """Return the case that a part of a file tells."""
    known = {
        "name", "jours", "maintenant", "enfant", "qf", "payeurs", "garde", "inscriptions", "réservations",
        "décisions", "pointages", "calendrier", "services", "trous", "attendu", "fratrie", "revenus", "communes",
        "zones", "motifs", "séjours", "prises en charge", "jours échangés",
        "vacances de la zone", "garde des vacances", "barèmes d'aide",
    }  # fmt: skip
    _check_keys(content, known, content["name"])
    first, _, last = content["jours"].partition(" au ")
    child = _child(content)
    town = Town(
        now=_moment(content.get("maintenant", "2027-02-01 08:00")),
        services=read_services(content),
        child=child,
        siblings=[_sibling(each, content) for each in content.get("fratrie", [])],
        zones=[Zone(name, code, SINCE) for code, names in content.get("zones", {}).items() for name in names],
        reasons={name: int(days.partition(" ")[0]) for name, days in content.get("motifs", {}).items()},
        in_service_days=frozenset(
            name for name, days in content.get("motifs", {}).items() if days.endswith(" d'accueil")
        ),
        sejours=[_trip(each) for each in content.get("séjours", [])],
        holes=[_hole(text) for text in content.get("trous", [])],
        special_days={
            date.fromisoformat(day): SPECIAL_DAYS[kind] for day, kind in content.get("calendrier", {}).items()
        }
        | dict.fromkeys(holidays := _holidays(content), "school_holiday"),
        holidays=holidays,
        aid_scales=read_scales(content.get("barèmes d'aide", {})),
        caf_caps={
            "wednesday_day_cap": [(date(2018, 9, 3), Decimal(540))],
            "wednesday_half_day_cap": [(date(2018, 9, 3), Decimal(240))],
        },
    )
    _check_keys(
        content["attendu"],
        {"lignes", "total", "caf", "repas", "message", "pris en charge", "part de la famille", "grille", "relevé"},
        content["name"],
    )
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
    _check_keys(about, {"né le", "régime", "régimes alimentaires", "niveau"}, content["name"])
    born = about.get("né le", "2018-05-04")
    regime = about.get("régime", "RG")
    return Child(
        "enfant",
        born=None if born == "inconnu" else date.fromisoformat(born),
        regimes=[] if regime == "inconnu" else [_regime(text) for text in regime.split(" puis ")],
        diets=about.get("régimes alimentaires", []),
        payers=content.get("payeurs", ["mère"]),
        qfs=_qfs(content.get("qf", "742")),
        incomes=_incomes(content.get("revenus", [])),
        homes=_homes(content.get("communes", [])),
        levels=[(SINCE, about["niveau"])] if "niveau" in about else [],
        coverages=[read_coverage(each) for each in content.get("prises en charge", [])],
        custody=[_custody(each) for each in content.get("garde", [])],
        halves=[_halves(text) for text in content.get("garde des vacances", [])],
        exchanged=[_exchanged(text) for text in content.get("jours échangés", [])],
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
        _check_keys(each, {"valeur", "dès", "reçu le", "source", "payeur", "corrige"}, "qf")
        since, value = date.fromisoformat(each.get("dès", "2026-09-01")), _number(each["valeur"])
        corrects = int(each["corrige"]) - 1 if "corrige" in each else None
        recorded = order + (_noon(date.fromisoformat(each["reçu le"])) if "reçu le" in each else 0)
        found.append(Qf(value, since, each.get("source", "caf"), each.get("payeur"), recorded, corrects))
    return found


def _noon(day: date) -> int:
    """Return the middle of a day, in µs: the same day in every time zone of France."""
    return (day - date(1970, 1, 1)) // timedelta(microseconds=1) + 12 * 3_600_000_000


def _sibling(content: dict[str, Any], case: dict[str, Any]) -> Child:
    known = {"prénom", "né le", "niveau", "inscriptions", "réservations", "décisions", "pointages"}
    _check_keys(content, known, "fratrie")
    born = content["né le"]
    return Child(
        content["prénom"],
        born=None if born == "inconnu" else date.fromisoformat(born),
        levels=[(SINCE, content["niveau"])] if "niveau" in content else [],
        enrolments=[_enrolment(each, case) for each in content.get("inscriptions", [])],
        bookings=[_booking(text) for text in content.get("réservations", [])],
        decisions=[_decision(text) for text in content.get("décisions", [])],
        taps=[_tap(text) for text in content.get("pointages", [])],
    )


def _incomes(content: Any) -> list[Income]:
    found = []
    for order, each in enumerate(content):
        _check_keys(
            each, {"par an", "par mois", "enfants", "AEEH", "dès", "payeur", "source", "reçu le"}, "revenus"
        )
        annual = _number(each["par an"]) if "par an" in each else 12 * _number(each["par mois"])
        since = date.fromisoformat(each.get("dès", "2018-01-01"))
        children, aeeh = int(each.get("enfants", "1")), int(each.get("AEEH", "0"))
        source = {"non donné": "none"}.get(each.get("source", ""), "caf")
        recorded = order + (_noon(date.fromisoformat(each["reçu le"])) if "reçu le" in each else 0)
        found.append(Income(annual, since, children, aeeh, each.get("payeur"), recorded, source=source))
    return found


def _homes(content: Any) -> list[Home]:
    """Read « Fay-aux-Loges », « Donnery pour père » or « Donnery dès 2026-11-20 »."""
    homes = []
    for text in [content] if isinstance(content, str) else content:
        name, _, since = text.partition(" dès ")
        commune, _, payer = name.partition(" pour ")
        homes.append(Home(commune, date.fromisoformat(since) if since else SINCE, payer or None))
    return homes


def _trip(content: dict[str, Any]) -> Sejour:
    _check_keys(content, {"nom", "service", "du", "au", "annulé", "tarifs"}, "séjours")
    return Sejour(
        content["nom"],
        content["service"],
        date.fromisoformat(content["du"]),
        date.fromisoformat(content["au"]),
        content.get("annulé") == "oui",
        read_lists(content.get("tarifs", {}), "séjour"),
    )


def _custody(content: dict[str, Any]) -> Custody:
    _check_keys(content, {"dès", "lundi de départ", "quatorze jours", "payeurs"}, "garde")
    one, two = content["payeurs"]
    since = date.fromisoformat(content.get("dès", "2026-09-01"))
    return Custody(since, date.fromisoformat(content["lundi de départ"]), content["quatorze jours"], (one, two))


def _holidays(content: dict[str, Any]) -> tuple[date, ...]:
    """Read « 2026-10-17 au 2026-11-01 », the days off school of every place of the zone."""
    days: list[date] = []
    for text in content.get("vacances de la zone", []):
        first, last = (date.fromisoformat(day) for day in text.split(" au "))
        days += [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    return tuple(days)


def _halves(content: dict[str, Any]) -> HolidayHalves:
    _check_keys(content, {"vacances", "année", "alterne", "payeurs", "dès"}, "garde des vacances")
    one, two = content["payeurs"]
    since = date.fromisoformat(content.get("dès", "2026-09-01"))
    holiday, alternates = HOLIDAYS[content["vacances"]], content.get("alterne") == "oui"
    return HolidayHalves(since, holiday, int(content.get("année", "2026")), alternates, (one, two))


def _exchanged(text: str) -> tuple[date, str | None]:
    """Read « 2026-11-24 père »."""
    day, payer = text.split()
    return date.fromisoformat(day), payer


def _enrolment(content: dict[str, Any], case: dict[str, Any]) -> Enrolment:
    _check_keys(
        content,
        {
            "service", "catégorie", "jours", "semaine", "formule", "payeurs", "du", "au", "heures", "séjour",
            "contrat",
        },
        "inscription",
    )  # fmt: skip
    week = content.get("semaine")
    letter, _, anchor = week.partition(" depuis le ") if week else (None, "", "")
    patterns = [
        Pattern(
            WEEKDAYS.index(day),
            letter,
            date.fromisoformat(anchor) if anchor else None,
            content.get("formule"),
            min(SINCE, date.fromisoformat(content.get("du", "2026-09-01"))),
            span=span(content["heures"]) if "heures" in content else None,
        )
        for day in content.get("jours", [])
    ]
    payers = [_enrolled_payer(text) for text in content.get("payeurs", case.get("payeurs", ["mère"])[:1])]
    since = date.fromisoformat(content.get("du", "2026-09-01"))
    until = date.fromisoformat(content["au"]) if "au" in content else None
    category = content.get("catégorie", "enfant")
    contracts = (_contract(content["contrat"]),) if "contrat" in content else ()
    sejour = content.get("séjour")
    service = content["service"]
    return Enrolment(service, category, tuple(patterns), tuple(payers), since, until, sejour, contracts)


def _contract(content: dict[str, str]) -> Contract:
    known = {
        "heures par semaine", "semaines", "mois", "heures retirées", "du", "au", "sans facture en",
        "adaptation jusqu'au",
    }  # fmt: skip
    _check_keys(content, known, "contrat")
    return Contract(
        date.fromisoformat(content.get("du", "2026-09-01")),
        date.fromisoformat(content.get("au", "2027-08-01")),
        int(_number(content["heures par semaine"]) * 60),
        int(content["semaines"]),
        int(content["mois"]),
        int(_number(content.get("heures retirées", "0")) * 60),
        int(content["sans facture en"]) if "sans facture en" in content else None,
        date.fromisoformat(content["adaptation jusqu'au"]) if "adaptation jusqu'au" in content else None,
    )


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
    """Read « 2026-11-25 mercredi réserve, journee-repas », « …, hors délai », « …, reçue 2026-11-24 18:00 ».

    « …, de 09:00-12:00 » are the hours asked for.
    """
    day, service, rest = text.split(" ", 2)
    action, *more = rest.split(", ")
    received = [word.removeprefix("reçue ") for word in more if word.startswith("reçue ")]
    hours = [word.removeprefix("de ") for word in more if word.startswith("de ")]
    formulas = [word for word in more if word != "hors délai" and not word.startswith(("reçue ", "de "))]
    return Booking(
        service,
        date.fromisoformat(day),
        ACTIONS[action],
        formulas[0] if formulas else None,
        late="hors délai" in more,
        received=_moment(received[0] if received else "2026-09-01 08:00"),
        span=span(hours[0]) if hours else None,
    )


def _decision(text: str) -> Decision:
    """Read « 2026-11-24 cantine AJ pour maladie », « 2026-11-24 soir départ 17:20 », « …, la veille »."""
    said, _, when = text.partition(", ")
    said, _, reason = said.partition(" pour ")
    day, service, rest = said.split(" ", 2)
    kind, _, clock = rest.rpartition(" ") if ":" in rest else (rest, "", "")
    made = datetime.combine(date.fromisoformat(day), time(7) if when == "la veille" else time(19))
    at = _moment(f"{day} {clock}") if clock else None
    return Decision(service, date.fromisoformat(day), DECISIONS[kind], made, at, reason or None)


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


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
