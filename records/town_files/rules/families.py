"""Rules of the family file (domain notes §3): people, members, payers, QF, custody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from domain.diets import BELIEF_TOLD, tells_a_belief
from domain.french import short_date
from records.operations.families import GUARDIANS_MAX
from records.operations.family_facts import NewQf, check_custody_pattern, check_qf
from records.operations.versions import overlap
from records.town_files.rules.rule import Town, in_force_at, refusal, refuse_overlaps, rows_of, rule
from records.town_files.sheet import Sheet


@rule("same_people", "Deux personnes de mêmes nom, prénom et naissance sont signalées : un doublon probable.")
def same_people(town: Town, sheet: Sheet) -> None:
    """Point at people who probably are one."""
    first: dict[tuple[str, date], int] = {}
    for row, key, born in rows_of(sheet, "search_key", "birth_date"):
        if born is None or town.is_gone("personnes", row):
            continue
        before = first.setdefault((key, born), row)
        if before != row:
            message = f"Mêmes nom, prénom et naissance qu'à la ligne {sheet.lines[before]} : un doublon ?"
            sheet.doubt(row, "nom", "same_person", message)


@rule("diets", "Un régime se dit par ce qui est servi, jamais par une croyance.")
def diets(town: Town, sheet: Sheet) -> None:
    """Refuse a diet that names a belief."""
    for row, code, label in rows_of(sheet, "code", "label"):
        if tells_a_belief(f"{code} {label}"):
            sheet.refuse(row, "libelle", "tells_a_belief", BELIEF_TOLD)


@rule("family_payers", "Un dossier a au moins un payeur.")
def family_payers(town: Town, sheet: Sheet) -> None:
    """Refuse a file that nobody pays for."""
    paid = set(town.sheets["payeurs"].of("family_id"))
    for row in range(len(sheet)):
        if row not in sheet.bad and sheet.first_id + row not in paid and not town.is_gone("familles", row):
            sheet.refuse(row, None, "no_payer", "Ce dossier n'a pas de payeur dans payeurs.csv.")


@rule(
    "members",
    "Un dossier a deux représentants légaux au plus à la fois, jamais interdits de sortie ; un enfant a une date "
    "de naissance.",
)
def members(town: Town, sheet: Sheet) -> None:
    """Refuse a third guardian, a guardian forbidden to collect, a child without a birth date."""
    people = town.sheets["personnes"]
    born = people.of("birth_date")
    guardians: dict[int, list[int]] = {}

    def is_gone(person: int) -> bool:
        return town.is_gone("personnes", person - people.first_id)

    for row, family, person, role, pickup in rows_of(sheet, "family_id", "person_id", "role", "pickup"):
        if role == "guardian":
            guardians.setdefault(family, []).append(row)
            if pickup == "forbidden":
                sheet.refuse(
                    row, "sortie", "forbidden_guardian", "Un représentant légal ne peut pas être interdit."
                )
        elif role == "child" and born[person - people.first_id] is None and not is_gone(person):
            sheet.refuse(row, "personne", "no_birth_date", "Cet enfant n'a pas de date de naissance.")
    merged = set(town.kept("familles").values())
    for family, rows in guardians.items():
        if len(rows) > GUARDIANS_MAX and family not in merged:
            _refuse_third_guardian(sheet, rows)


def _refuse_third_guardian(sheet: Sheet, rows: list[int]) -> None:
    spans = list(zip(sheet.of("valid_from"), sheet.of("valid_to"), strict=True))
    for place, row in enumerate(rows):
        if sum(overlap(spans[row], spans[other]) for other in rows[:place]) >= GUARDIANS_MAX:
            message = "Un dossier a deux représentants légaux au plus : terminez d'abord l'un d'eux."
            sheet.refuse(row, "role", "third_guardian", message)


@rule("qf", "Un QF de 9999,00 a l'origine « inconnu », et inversement ; son payeur est du dossier.")
def qf(town: Town, sheet: Sheet) -> None:
    """Refuse a QF that cannot be, or of a payer of another file."""
    owner, kept = town.sheets["payeurs"].of("family_id"), town.kept("familles")
    first_id = town.sheets["payeurs"].first_id
    seen: dict[tuple[Any, Any], str | None] = {}
    for row, family, payer, value, source, day in rows_of(
        sheet, "family_id", "payer_id", "value_e2", "source", "effective_from"
    ):
        if (value, source) not in seen:
            seen[value, source] = refusal(check_qf, NewQf(value, source, day))
        message = seen[value, source]
        if message is not None:
            sheet.refuse(row, "valeur", "bad_qf", message)
        elif payer is not None and _kept(kept, owner[payer - first_id]) != _kept(kept, family):
            sheet.refuse(row, "payeur", "foreign_payer", "Ce payeur n'appartient pas à ce dossier.")


def _kept(kept: dict[int, int], row_id: int) -> int:
    return kept.get(row_id, row_id)


@rule("custody_calendars", "Le cycle a 14 chiffres, 1 ou 2.")
def custody_calendars(town: Town, sheet: Sheet) -> None:
    """Refuse a cycle that is not 14 days of payer 1 or 2."""
    for row, pattern in rows_of(sheet, "pattern"):
        message = refusal(check_custody_pattern, pattern)
        if message is not None:
            sheet.refuse(row, "cycle", "bad_pattern", message)


def sharing(town: Town) -> dict[int, list[tuple[date, frozenset[int]]]]:
    """Return, for each child kept, the pairs of payers kept between whom a calendar shares them, by first day."""
    people, payers = town.kept("personnes"), town.kept("payeurs")
    found: dict[int, list[tuple[date, frozenset[int]]]] = {}
    calendars = town.sheets["garde_calendriers"]
    for _, child, day, one, other in rows_of(calendars, "child_id", "valid_from", "payer_1_id", "payer_2_id"):
        pair = frozenset({_kept(payers, one), _kept(payers, other)})
        found.setdefault(_kept(people, child), []).append((day, pair))
    for versions in found.values():
        versions.sort(key=lambda each: each[0])
    return found


def unshared(town: Town, child: int, day: date, payers: Collection[int]) -> str | None:
    """Return why a child is not shared between some payers on a day, None when a calendar says so."""
    kept = town.kept("payeurs")
    calendars = sharing_of(town).get(_kept(town.kept("personnes"), child), [])
    pair = in_force_at(calendars, day)
    if pair is None:
        return f"Cet enfant n'a pas de calendrier de garde le {short_date(day)}."
    if not {_kept(kept, payer) for payer in payers} <= pair:
        return f"Le {short_date(day)}, le calendrier de garde partage cet enfant entre d'autres payeurs."
    return None


def sharing_of(town: Town) -> dict[int, list[tuple[date, frozenset[int]]]]:
    """Return `sharing`, computed once a town."""
    if town.shared is None:
        town.shared = sharing(town)
    return town.shared


@rule("shared_child", "L'enfant a ce jour-là un calendrier de garde, entre ces payeurs.")
def shared_child(town: Town, sheet: Sheet) -> None:
    """Refuse an exception to no calendar, or for another payer."""
    for row, child, day, payer in rows_of(sheet, "child_id", "day", "payer_id"):
        message = unshared(town, child, day, () if payer is None else (payer,))
        if message is not None:
            sheet.refuse(row, "enfant", "no_calendar", message)


@rule("shared_holiday", "L'enfant a le premier jour un calendrier de garde, entre ces payeurs.")
def shared_holiday(town: Town, sheet: Sheet) -> None:
    """Refuse holiday halves of no calendar, or for other payers."""
    for row, child, day, *payers in rows_of(sheet, "child_id", "valid_from", "first_payer_id", "second_payer_id"):
        message = unshared(town, child, day, payers)
        if message is not None:
            sheet.refuse(row, "enfant", "no_calendar", message)


@rule("badges", "Un badge a un seul porteur à la fois.")
def badges(town: Town, sheet: Sheet) -> None:
    """Refuse a badge with two holders on one day."""
    refuse_overlaps(sheet, "Ce badge", "badge_uid")
