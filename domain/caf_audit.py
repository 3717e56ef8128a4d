"""The evidence that a CAF controller asks for, as tables of finished text that add up (CAF notes §6, §7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.errors import Conflict
from domain.french import NBSP, number, typeset
from domain.money import round_half_up

RULE_WORDS = {
    "slot_full": "plage entière",
    "formula_capped": "formule plafonnée",
    "real": "temps réel",
    "billed": "heures facturées",
    "half_days": "demi-journées",
    "days": "journées",
    "sejour": "jours de séjour",
    "wednesday_cap": "plafond du mercredi",
    "none": "non déclaré",
}
ROUNDED_WORDS = {
    "duration": "durée",
    "ends": "arrivée et départ",
    "arrival": "arrivée",
    "departure": "départ",
    "begun": "toute tranche commencée compte",
    "nearest": "au plus proche",
    "elapsed": "seules les tranches écoulées comptent",
}
# What a person decided of a child's day.
DECISION_WORDS = {
    "arrival": "arrivée corrigée",
    "departure": "départ corrigé",
    "attach": "passage sans nom attribué",
    "absent_justified": "absence justifiée",
    "absent_unjustified": "absence non justifiée",
    "late_accepted": "retard accepté",
    "late_waived": "retard excusé",
    "clear": "décision reprise",
}
AGE_WORDS = {"under_6": "moins de 6 ans", "from_6": "6 ans et plus", "unknown": "âge inconnu"}
WHY_NOT_WORDS = {
    "hole": "passages manquants",
    "silent_terminal": "borne muette",
    "undated": "heure à vérifier",
    "over_age": "trop âgé pour cet accueil",
    "sejour_too_long": "séjour trop long",
    "parameter_missing": "paramètre national absent",
    "age_unknown": "date de naissance inconnue",
}


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A child's arrival and departure at a service on a day, local minutes; derived ones rest on the slot.

    `declared_minutes` is what is declared of that day, on its first line; None when nothing of it is.
    """

    day: date
    child_ref: str
    child_name: str
    service_ref: str
    service_label: str
    arrived_minute: int | None
    left_minute: int | None
    is_arrival_derived: bool
    is_departure_derived: bool
    declared_minutes: int | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A child × service × day that hours rest on; minutes that are not declared say why not (a hole, a fault)."""

    child_ref: str
    service_ref: str
    day: date
    rule: str
    realised_minutes: int | None
    billed_minutes: Decimal | None
    is_declared: bool
    counts_billed: bool
    why_not: str
    age_group: str
    regime_group: str
    is_aeeh: bool


def registers(
    lines: Iterable[RegisterLine], counted: Iterable[CountedDay], services: Mapping[str, str]
) -> list[RegisterLine]:
    """Return the lines, each day's declared minutes on its first: their sum is what is declared.

    A day declared without anybody's tap, as those of a stay away, has a line of its own.
    """
    days = {(each.day, each.service_ref, each.child_ref): each for each in counted}
    found, names = [], {}
    for line in lines:
        names[line.child_ref] = line.child_name
        day = days.pop((line.day, line.service_ref, line.child_ref), None)
        minutes = day.realised_minutes if day is not None and day.is_declared else None
        found.append(replace(line, declared_minutes=minutes, why_not="" if day is None else day.why_not))
    found += [
        RegisterLine(
            day=each.day,
            child_ref=each.child_ref,
            child_name=names.get(each.child_ref, each.child_ref),
            service_ref=each.service_ref,
            service_label=services.get(each.service_ref, each.service_ref),
            arrived_minute=None,
            left_minute=None,
            is_arrival_derived=False,
            is_departure_derived=False,
            declared_minutes=each.realised_minutes,
        )
        for each in days.values()
        if each.is_declared and each.realised_minutes
    ]
    return sorted(found, key=lambda each: each.day)


@dataclass(frozen=True, slots=True)
class Sum:
    """What is declared of a service in a month; `billed_minutes` is None where nothing is billed by the hour."""

    service_ref: str
    month: date
    children: int
    child_days: int
    minutes: int
    billed_minutes: Decimal | None


@dataclass(frozen=True, slots=True)
class Split:
    """What is declared of a service by age on the day, régime group and AEEH."""

    service_ref: str
    age_group: str
    regime_group: str
    is_aeeh: bool
    children: int
    child_days: int
    minutes: int


def sums(counted: Iterable[CountedDay]) -> list[Sum]:
    """Return the declared minutes by service and month, and those billed; a month of bills alone has no minute."""
    found: dict[tuple[str, date], list[CountedDay]] = defaultdict(list)
    for each in counted:
        found[each.service_ref, each.day.replace(day=1)].append(each)
    made = []
    for (service_ref, month), every in sorted(found.items()):
        days = [each for each in every if each.is_declared and each.realised_minutes]
        known = [each.billed_minutes for each in every if each.counts_billed and each.billed_minutes is not None]
        billed = sum(known, Decimal(0)) if known else None
        if days or billed:
            minutes = sum(each.realised_minutes or 0 for each in days)
            made.append(Sum(service_ref, month, len({each.child_ref for each in days}), len(days), minutes, billed))
    return made


def splits(counted: Iterable[CountedDay]) -> list[Split]:
    """Return the declared minutes by service, age, régime group and AEEH."""
    found: dict[tuple[str, str, str, bool], list[CountedDay]] = defaultdict(list)
    for each in counted:
        if each.is_declared and each.realised_minutes:
            found[each.service_ref, each.age_group, each.regime_group, each.is_aeeh].append(each)
    return [
        Split(
            *key,
            len({each.child_ref for each in days}),
            len(days),
            sum(each.realised_minutes or 0 for each in days),
        )
        for key, days in sorted(found.items())
    ]


def whole_months(first: date, last: date) -> list[date]:
    """Return the months that a period holds from their first day to their last."""
    found, month = [], first.replace(day=1)
    while month <= last:
        following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        if month >= first and following.toordinal() - 1 <= last.toordinal():
            found.append(month)
        month = following
    return found


def refuse_difference(
    found: Sequence[Sum], declared: Mapping[tuple[str, date], int], months: Sequence[date]
) -> None:
    """Raise Conflict when the days of a whole month do not add up to what is declared of it, to the minute."""
    counted = {(each.service_ref, each.month): each.minutes for each in found}
    for key in sorted(set(counted) | set(declared)):
        if key[1] in months and counted.get(key, 0) != declared.get(key, 0):
            raise Conflict(
                typeset(
                    f"Les jours de {key[1]:%m/%Y} ({key[0]}) font {counted.get(key, 0)} minutes, la déclaration "
                    f"{declared.get(key, 0)}. Rien n'a été écrit. Relancez « marelle warehouse build »."
                ),
                service_ref=key[0],
            )


def exact_words(minutes: int) -> str:
    """Return minutes as « 1 h 05 » or « 0 h 45 »: what is added up by hand loses nothing."""
    return f"{number(minutes // 60)}{NBSP}h{NBSP}{minutes % 60:02d}"


def hours_words(minutes: int | Decimal) -> str:
    """Return minutes as hours with two decimals, rounded half up once."""
    return number(round_half_up(Decimal(minutes) / 60), 2)
