"""Why a line costs what it costs, in French: the same sentences for the family, the agent and the controller.

Everything comes from the line itself (domain.lines): no price is computed here, only told (house rule 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from domain.french import NBSP, clock, duration, euros, long_date, number, plural, quantity
from domain.lines import LineTap, PricedLine
from domain.money import to_cents
from domain.package_explanations import CONTRACT_KINDS, SPECIAL_KINDS, about, base_kind, resources

QF_SOURCES = {
    "caf": "donné par la CAF",
    "msa": "donné par la MSA",
    "computed": "calculé par le service d'après vos impôts",
}
_ROUNDING_NAMES = {
    15: ("quart d'heure commencé", "quarts d'heure commencés"),
    30: ("demi-heure commencée", "demi-heures commencées"),
    60: ("heure commencée", "heures commencées"),
}
INCOME_BASES = ("income", "collective", "family")
_TIME_NAMES = {"hour": ("heure", "heures"), "minute": ("minute", "minutes")}
_MODE_NAMES = {"begun": (" commencée", " commencées"), "elapsed": (" écoulée", " écoulées")}
_FAULTS = {
    "enrolment_missing": "Il n'y a pas d'inscription à ce service ce jour-là. La coordination s'en occupe.",
    "payer_missing": "Aucun payeur n'est indiqué sur l'inscription pour ce jour. Le service s'en occupe.",
    "custody_missing": "Il y a deux payeurs et le calendrier de garde manque pour ce jour. Le service s'en occupe.",
    "formula_missing": "La formule choisie pour ce jour n'est pas connue. La coordination s'en occupe.",
    "tariff_missing": "Aucun tarif n'est en vigueur ce jour-là pour ce service. Le service s'en occupe.",
    "qf_missing": "Votre quotient familial n'est pas connu à cette date. Donnez-le au service.",
    "income_missing": "Vos ressources ne sont pas connues à cette date. Donnez-les au service.",
    "residence_missing": "Votre adresse n'est pas connue à cette date. Donnez-la au service.",
    "birth_date_missing": "Une date de naissance manque pour ce tarif. Donnez-la au service.",
    "level_missing": "La classe n'est pas connue ce jour-là. La coordination s'en occupe.",
    "scale_missing": "Le barème de l'État n'est pas connu à cette date. Le service s'en occupe.",
    "contract_hours_missing": "Le contrat n'a pas d'heures pour ce jour. La direction de la structure s'en occupe.",
    "hours_backwards": "Le départ noté ce jour-là est avant l'arrivée. La coordination s'en occupe.",
    "too_many_modifiers": "Trop de lignes du tarif modifient ce prix. Le service s'en occupe.",
    "tariff_gap": "Aucune ligne du tarif ne convient à cette situation. Le service s'en occupe.",
}


def explain(line: PricedLine) -> list[str]:
    """Return the sentences that explain a line, in order: what was noted, what is counted, at what price."""
    return [
        *_facts(line),
        *_held_back(line),
        *_price(line),
        *_tariff(line),
        *_quotient(line),
        *_resources(line),
        *_still_open(line),
    ]


def _facts(line: PricedLine) -> Iterator[str]:
    """Tell what the line is about: a day of presence, or what is due beside it."""
    if base_kind(line) not in SPECIAL_KINDS:
        yield from _situation(line)
        yield from _times(line)
        yield from _counted(line)
        return
    if line.kind in ("overtime", "late_pickup"):
        yield from _times(line)
    yield from map(_spaced, about(line))


def _situation(line: PricedLine) -> Iterator[str]:
    what = {"meal": "Le repas", "formula": "La journée"}.get(line.kind, "L'accueil")
    told = {
        "present": "" if line.kind == "care" else f"{what} était {_agree(line, 'prévu')}.",
        "present_unexpected": "Présence notée sans réservation pour ce jour : elle est comptée.",
        "planned": f"{what} est {_agree(line, 'prévu')}.",
        "absent_undecided": (
            f"{what} était {_agree(line, 'prévu')} et aucune présence n'est notée : sans décision du service, "
            "la réservation fait foi."
        ),
        "absent_declared": (
            f"{what} était {_agree(line, 'prévu')}. L'absence est déclarée, et facturée tant qu'elle n'est pas "
            "justifiée."
        ),
        "absent_unjustified": f"Absence non justifiée, décidée par le service : {what.lower()} reste facturé"
        f"{'e' if line.kind == 'formula' else ''}.",
        "absent_justified": "Absence justifiée, décidée par le service : rien n'est facturé.",
    }.get(line.situation, "")
    if told:
        yield _spaced(told)


def _times(line: PricedLine) -> Iterator[str]:
    if line.arrived_minute is not None:
        yield _arrival(line)
        if line.kind != "meal":
            yield from _departure(line)


def _arrival(line: PricedLine) -> str:
    at = clock(line.arrived_minute or 0)
    if line.is_arrival_derived:
        return _spaced(f"L'arrivée n'a pas été notée : le début de l'accueil, {at}, est retenu.")
    tap = _tap_at(line, "arrival", line.arrived_minute)
    if tap is None:
        return f"Arrivée à {at}, heure fixée par le service."
    return f"Arrivée notée à {at} {_where(tap)}."


def _departure(line: PricedLine) -> Iterator[str]:
    if line.left_minute is None:
        yield "Le départ n'est pas encore noté."
        return
    at = clock(line.left_minute)
    tap = _tap_at(line, "departure", line.left_minute)
    if tap is not None:
        yield f"Départ noté à {at} {_where(tap)}."
    elif line.is_departure_derived:
        yield _spaced(f"Le départ n'a pas été noté : la fin de l'accueil, {at}, est retenue.")
    elif line.service_kind == "morning_care":
        yield _spaced(f"Le matin, l'accueil compte jusqu'à son heure de fin : {at}.")
    else:
        yield f"Départ à {at}, heure fixée par le service."


def _counted(line: PricedLine) -> Iterator[str]:
    if line.situation == "absent_justified":
        return
    if line.kind == "formula" and line.formula_label is not None:
        yield _spaced(f"Formule comptée : « {line.formula_label} ».")
    if line.kind == "care" and line.billed_minutes is not None:
        yield from _duration(line, line.billed_minutes)


def _duration(line: PricedLine, billed_minutes: int) -> Iterator[str]:
    visits = sum(tap.what == "arrival" for tap in line.taps)
    ends = line.arrived_minute, line.left_minute
    if visits > 1:
        yield f"La durée additionne {visits} passages."
    elif ends[0] is not None and ends[1] is not None and ends[1] - ends[0] > billed_minutes:
        yield "Le temps ne compte que pendant les heures d'accueil."
    one, several = _unit_names(line)
    if line.units == 0:
        yield _spaced(f"Durée retenue : {duration(billed_minutes)}, rien n'est compté.")
    else:
        yield _spaced(f"Durée retenue : {duration(billed_minutes)}, soit {plural(line.units, one, several)}.")


def _unit_names(line: PricedLine) -> tuple[str, str]:
    """Return what the duration is counted in, one and several."""
    if line.unit in _TIME_NAMES:
        return _TIME_NAMES[line.unit]
    minutes = line.rounding_minutes
    if line.rounding_mode == "begun" and minutes in _ROUNDING_NAMES:
        return _ROUNDING_NAMES[minutes]
    one, several = _MODE_NAMES.get(line.rounding_mode, ("", ""))
    return f"tranche de {minutes} min{one}", f"tranches de {minutes} min{several}"


def _held_back(line: PricedLine) -> Iterator[str]:
    """Say that the amount waits, and what comes next."""
    if line.held_back is not None:
        what = "il manque des passages" if line.held_back == "hole" else "elle ne répond plus"
        yield _spaced(
            f"En attente : une borne n'a pas tout envoyé ({what}). Rien n'est facturé pour ce moment tant que les "
            "passages ne sont pas arrivés ou que le service n'a pas vérifié. Vous n'avez rien à faire."
        )


def _price(line: PricedLine) -> Iterator[str]:
    if line.fault is not None:
        yield _spaced(f"Le prix n'est pas encore connu. {_FAULTS.get(line.fault, '')}".strip())
    elif line.amount is not None and line.unit_price is not None and line.units != 0:
        total, what = euros(to_cents(abs(line.amount))), "Retiré" if line.amount < 0 else "Prix"
        yield from _steps(line)
        if (
            line.share_days is not None
            or line.units == 1
            or any(step.applies_to == "line" for step in line.price_steps)
        ):
            yield _spaced(f"{what} : {total}.")
        else:
            yield _spaced(f"{what} : {quantity(abs(line.units))} × {_unit_price(line.unit_price)} = {total}.")


def _steps(line: PricedLine) -> Iterator[str]:
    """Tell what each rule that modifies made of the price of a unit, then of the line."""
    for step in line.price_steps:
        what = "le prix d'une unité" if step.applies_to == "unit" else "le prix"
        yield _spaced(f"« {step.label} » : {what} passe de {_unit_price(step.before)} à {_unit_price(step.after)}.")


def _tariff(line: PricedLine) -> Iterator[str]:
    if line.unit_price is None or line.tariff_label is None or line.units == 0:
        return
    rule = f", ligne « {line.tariff_rule_label} »" if line.tariff_rule_label else ""
    yield _spaced(f"Tarif « {line.tariff_label} »{rule}.")
    if line.tariff_decision is not None and line.tariff_valid_from is not None:
        yield _spaced(
            f"Décision : {line.tariff_decision}, en vigueur depuis le {_plain_date(line.tariff_valid_from)}."
        )


def _quotient(line: PricedLine) -> Iterator[str]:
    """Tell the QF where the price depends on it: its band, or the price worked out of it."""
    if line.units == 0 or line.unit_price is None or not (_has_band(line) or line.price_basis == "qf"):
        return
    if line.qf_source == "default" or line.qf_value is None:
        yield _spaced(
            "Votre quotient familial n'est pas encore connu : le tarif le plus élevé s'applique. "
            "Donnez-le au service."
        )
        return
    source = QF_SOURCES.get(line.qf_source or "", "enregistré par le service")
    since = "" if line.qf_effective_from is None else f", valable depuis le {_plain_date(line.qf_effective_from)}"
    band = f" Tranche : {_band(line)}." if _has_band(line) else ""
    of_it = " Le prix se calcule sur ce quotient." if line.price_basis == "qf" else ""
    yield _spaced(f"Quotient familial : {_qf(line.qf_value)}, {source}{since}.{band}{of_it}")


def _resources(line: PricedLine) -> Iterator[str]:
    """Tell the income where the price is worked out of it; a contract's is told with its hours."""
    if line.units == 0 or line.price_basis not in INCOME_BASES or base_kind(line) in CONTRACT_KINDS:
        return
    if line.unit_price is not None and line.monthly_income is not None:
        yield _spaced(resources(line.monthly_income, line.children_count))


def _still_open(line: PricedLine) -> Iterator[str]:
    if line.is_provisional:
        yield _spaced("Prix provisoire : ce moment d'accueil n'est pas terminé.")


def _agree(line: PricedLine, word: str) -> str:
    return f"{word}e" if line.kind == "formula" else word


def _tap_at(line: PricedLine, what: str, minute: int | None) -> LineTap | None:
    """Return the tap that gave an end of the presence; None when a person decided it or nothing was tapped."""
    return next((tap for tap in line.taps if tap.what == what and tap.occurred_minute == minute), None)


def _where(tap: LineTap) -> str:
    how = "à l'appel" if tap.kind == "roll_call" else "au badge"
    return _spaced(f"{how} (« {tap.device_label} »)")


def _has_band(line: PricedLine) -> bool:
    return line.band_to is not None or (line.band_from is not None and line.band_from > 0)


def _band(line: PricedLine) -> str:
    """Return the half-open band in words: 350 is in « à partir de 350 », never in « moins de 350 »."""
    low = "" if not line.band_from else f"à partir de {_qf(line.band_from)}"
    high = "" if line.band_to is None else f"moins de {_qf(line.band_to)}"
    return ", ".join(part for part in (low, high) if part)


def _qf(value: Decimal) -> str:
    return number(value, 0 if value == value.to_integral_value() else 2)


def _unit_price(value: Decimal) -> str:
    decimals = 2 if value * 100 == (value * 100).to_integral_value() else 4
    return f"{number(value, decimals)}{NBSP}€"


def _plain_date(day: date) -> str:
    """Return « 1er septembre 2026 », without the weekday."""
    return long_date(day).split(" ", 1)[1]


def _spaced(sentence: str) -> str:
    """Put the no-break spaces that French wants before double punctuation and inside guillemets."""
    for mark in ":;!?»":
        sentence = sentence.replace(f" {mark}", f"{NBSP}{mark}")
    return sentence.replace("« ", f"«{NBSP}")
