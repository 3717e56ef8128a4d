"""Rules of enrolments and bookings (domain notes §5): offered there, one place a day, payers that share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from domain.overlaps import expect_same_day, repeats_weekday
from domain.schedule import EnrolmentSchedule, WeekPattern, in_force
from records.operations.versions import overlap
from records.town_files.rules.families import unshared
from records.town_files.rules.rule import Town, grouped, rows_of, rule
from records.town_files.sheet import Sheet

_MONDAY = 0
_PATTERN = (
    "weekday", "week_cycle", "cycle_anchor_on", "valid_from", "valid_to", "formula", "start_minute", "end_minute",
)  # fmt: skip


@rule(
    "enrolments",
    "Le service est proposé à ce lieu le premier jour ; deux inscriptions d'une personne à un service n'attendent "
    "pas l'enfant le même jour.",
)
def enrolments(town: Town, sheet: Sheet) -> None:
    """Refuse an enrolment where the service is not offered, and two that expect the person on one day."""
    offers: dict[tuple[int, int], list[tuple[date, date | None]]] = {}
    places = town.sheets["services_lieux"]
    for _, service, structure, start, end in rows_of(
        places, "service_id", "structure_id", "valid_from", "valid_to"
    ):
        offers.setdefault((service, structure), []).append((start, end))
    for row, service, structure, start in rows_of(sheet, "service_id", "structure_id", "valid_from"):
        if not any(in_force(start, *span) for span in offers.get((service, structure), ())):
            message = "Ce service n'est pas proposé à ce lieu le premier jour (services_lieux.csv)."
            sheet.refuse(row, "structure", "not_offered", message)
    patterns_of = _patterns_of(town)
    starts, ends = sheet.of("valid_from"), sheet.of("valid_to")
    for rows in grouped(sheet, "person_id", "service_id").values():
        rows.sort(key=lambda row: starts[row])
        for place, row in enumerate(rows):
            for other in rows[:place]:
                if overlap((starts[other], ends[other]), (starts[row], ends[row])) and expect_same_day(
                    _schedule(sheet, other, patterns_of), _schedule(sheet, row, patterns_of)
                ):
                    message = f"Attend la personne le même jour que l'inscription de la ligne {sheet.lines[other]}."
                    sheet.refuse(row, "debut", "overlap", message)


def _patterns_of(town: Town) -> Callable[[int], tuple[WeekPattern, ...]]:
    """Return what gives the patterns of an enrolment's id; rows are looked up only once asked for."""
    sheet = town.sheets["inscriptions_jours"]
    rows: dict[int, list[int]] = {}

    def patterns(enrolment_id: int) -> tuple[WeekPattern, ...]:
        if not rows:
            rows.update(grouped(sheet, "enrolment_id"))
        return tuple(_pattern(sheet, row) for row in rows.get(enrolment_id, ()))

    return patterns


def _pattern(sheet: Sheet, row: int) -> WeekPattern:
    return WeekPattern(row, *(sheet.of(name)[row] for name in _PATTERN))


def _schedule(sheet: Sheet, row: int, patterns_of: Callable[[int], tuple[WeekPattern, ...]]) -> EnrolmentSchedule:
    enrolment_id = sheet.first_id + row
    return EnrolmentSchedule(
        enrolment_id,
        sheet.of("person_id")[row],
        sheet.of("service_id")[row],
        sheet.of("structure_id")[row],
        sheet.of("valid_from")[row],
        sheet.of("valid_to")[row],
        patterns_of(enrolment_id),
    )


@rule(
    "patterns",
    "L'ancre est un lundi, la formule est une de celles du service, un jour n'est pas donné deux fois à la fois.",
)
def patterns(town: Town, sheet: Sheet) -> None:
    """Refuse an anchor that is no Monday, an unknown formula, a weekday given twice."""
    for row, anchor in rows_of(sheet, "cycle_anchor_on"):
        if anchor is not None and anchor.weekday() != _MONDAY:
            sheet.refuse(row, "ancre", "not_monday", "La semaine a doit commencer un lundi.")
    enrolled = town.sheets["inscriptions"]
    services, first_id = enrolled.of("service_id"), enrolled.first_id
    _refuse_formulas(town, sheet, lambda row: services[sheet.of("enrolment_id")[row] - first_id])
    once: dict[Any, int] = {}
    for row, *key in rows_of(sheet, "enrolment_id", "weekday", "week_cycle"):
        before = once.setdefault(tuple(key), row)
        if before != row and repeats_weekday([_pattern(sheet, before), _pattern(sheet, row)]):
            message = f"Ce jour de semaine est déjà donné à la ligne {sheet.lines[before]}."
            sheet.refuse(row, "jour", "overlap", message)


@rule(
    "enrolment_payers",
    "Un jour donné, une inscription a un payeur qui paie tout, ou les deux payeurs du calendrier de garde.",
)
def enrolment_payers(town: Town, sheet: Sheet) -> None:
    """Refuse two payers who both pay everything, and shared ones without a custody calendar."""
    enrolled = town.sheets["inscriptions"]
    people, first_id = enrolled.of("person_id"), enrolled.first_id
    payers, starts, ends, parts = (sheet.of(name) for name in ("payer_id", "valid_from", "valid_to", "rule"))
    for enrolment, rows in grouped(sheet, "enrolment_id").items():
        if len(rows) == 1 and parts[rows[0]] == "all":
            continue
        for row in rows:
            with_it = [each for each in rows if overlap((starts[row], ends[row]), (starts[each], ends[each]))]
            message = _share_fault(parts, with_it, row)
            if message is None and parts[row] == "custody":
                message = unshared(town, people[enrolment - first_id], starts[row], {payers[row]})
            if message is not None:
                sheet.refuse(row, "payeur", "bad_payers", message)


def _share_fault(parts: Sequence[str], with_it: Sequence[int], row: int) -> str | None:
    """Return what is wrong with the payers of an enrolment at the time of one of them."""
    if parts[row] == "all" and len(with_it) > 1:
        return "Un payeur qui paie tout est seul : terminez d'abord l'autre, ou donnez « garde » aux deux."
    if parts[row] == "custody" and (len(with_it) < 2 or any(parts[each] != "custody" for each in with_it)):
        return "La garde se partage entre deux payeurs : donnez l'autre ligne, avec la même période."
    return None


@rule("bookings", "La formule est une de celles du service.")
def bookings(town: Town, sheet: Sheet) -> None:
    """Refuse a booking of a formula that the service does not have."""
    services = sheet.of("service_id")
    _refuse_formulas(town, sheet, lambda row: services[row])


def _refuse_formulas(town: Town, sheet: Sheet, service_of: Callable[[int], int]) -> None:
    offered = town.sheets["services_formules"]
    known = {(service, code) for _, service, code in rows_of(offered, "service_id", "code")}
    for row, formula in rows_of(sheet, "formula"):
        if formula is not None and (service_of(row), formula) not in known:
            message = f"Formule inconnue : « {formula} » n'est pas une de celles du service."
            sheet.refuse(row, "formule", "unknown_formula", message)
