"""Rules of places, calendars and services."""

from __future__ import annotations

from itertools import pairwise

from records.models.collectivity import WHOLE_COUNTRY
from records.operations.collectivity import SCHOOL_ZONES, check_time_zone
from records.town_files.rules.rule import Town, refusal, refuse_overlaps, rows_of, rule
from records.town_files.sheet import Sheet


@rule("time_zone", "Le fuseau horaire est un nom de la base IANA, comme Europe/Paris.")
def time_zone(town: Town, sheet: Sheet) -> None:
    """Refuse a time zone that nobody knows."""
    for row, zone in rows_of(sheet, "timezone"):
        message = refusal(check_time_zone, zone)
        if message is not None:
            sheet.refuse(row, "fuseau", "bad_time_zone", message)


@rule("school_zone", "La zone scolaire est A, B ou C, et le fichier a une seule ligne.")
def school_zone(town: Town, sheet: Sheet) -> None:
    """Refuse a school zone that does not exist, and a second collectivity."""
    for row, zone in rows_of(sheet, "school_zone"):
        if zone not in SCHOOL_ZONES:
            sheet.refuse(
                row, "zone_scolaire", "bad_zone", f"Zone scolaire inconnue : « {zone} ». Donnez A, B ou C."
            )
        if row > 0:
            sheet.refuse(row, None, "second_collectivity", "Une seule collectivité par dossier : ôtez cette ligne.")


@rule("school_years", "Deux années scolaires ne se chevauchent pas.")
def school_years(town: Town, sheet: Sheet) -> None:
    """Refuse two school years that share a day."""
    for before, after in pairwise(sorted(rows_of(sheet, "starts_on", "ends_on"), key=lambda each: each[1])):
        if after[1] < before[2]:
            message = f"Cette année et celle de la ligne {sheet.lines[before[0]]} se chevauchent."
            sheet.refuse(after[0], "debut", "overlap", message)


@rule("calendar_zone", "La zone est A, B, C, ou * pour tout le pays.")
def calendar_zone(town: Town, sheet: Sheet) -> None:
    """Refuse a zone that does not exist."""
    for row, zone in rows_of(sheet, "zone"):
        if zone not in (None, WHOLE_COUNTRY, *SCHOOL_ZONES):
            sheet.refuse(row, "zone", "bad_zone", f"Zone inconnue : « {zone} ». Donnez A, B, C ou *.")


@rule("service_places", "Un service n'est pas proposé deux fois au même lieu le même jour.")
def service_places(town: Town, sheet: Sheet) -> None:
    """Refuse a service offered twice at once at one place."""
    refuse_overlaps(sheet, "Ce service à ce lieu", "service_id", "structure_id")
