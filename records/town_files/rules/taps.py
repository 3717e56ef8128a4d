"""Rules of taps: what a row says of a tap is about one that the folder holds."""

from __future__ import annotations

from records.town_files.rules.rule import Town, rows_of, rule
from records.town_files.sheet import Sheet


@rule("known_taps", "Le pointage nommé est dans pointages.csv.")
def known_taps(town: Town, sheet: Sheet) -> None:
    """Refuse a word on a tap that is not there."""
    _refuse_unknown(town, sheet, "tap_id")


@rule("undone_taps", "Deux pointages n'ont pas la même référence, ni le même numéro d'une époque d'une borne.")
def undone_taps(town: Town, sheet: Sheet) -> None:
    """Point at an annulment of a tap that is not there: it may have stayed on its terminal."""
    known = set(sheet.of("tap_id"))
    for row, undone in rows_of(sheet, "undoes"):
        if undone is not None and undone not in known:
            sheet.doubt(row, "annule", "unknown_tap", f"Le pointage annulé « {undone} » n'est pas dans ce fichier.")


def _refuse_unknown(town: Town, sheet: Sheet, field: str) -> None:
    known = set(town.sheets["pointages"].of("tap_id"))
    for row, tap in rows_of(sheet, field):
        if tap is not None and tap not in known:
            sheet.refuse(
                row, "pointage", "unknown_ref", f"Pointage inconnu : « {tap} » n'est pas dans pointages.csv."
            )
