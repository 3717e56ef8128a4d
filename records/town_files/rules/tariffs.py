"""Rules of tariffs: each version is whole, by the same check as a publication (domain.tariffs)."""

from __future__ import annotations

from collections.abc import Sequence

from domain.tariffs import (
    CONDITIONS,
    RuleConditions,
    asks_siblings,
    contradictions,
    faults,
    is_out_of_order,
)
from records.town_files.rules.rule import Town, grouped, rows_of, rule
from records.town_files.sheet import Sheet


@rule("one_tariff", "Un service a un seul tarif, sans compter ceux de ses séjours (sejours.csv).")
def one_tariff(town: Town, sheet: Sheet) -> None:
    """Refuse a second tariff of one service that no séjour has."""
    of_sejours = set(town.sheets["sejours"].of("tariff_id"))
    for rows in grouped(sheet, "service_id").values():
        own = [row for row in rows if sheet.first_id + row not in of_sejours]
        for row in own[1:]:
            message = f"Ce service a déjà un tarif à la ligne {sheet.lines[own[0]]} : ajoutez-lui une version."
            sheet.refuse(row, "service", "second_tariff", message)


@rule("tariff_versions", "Une version a au moins un prix.")
def tariff_versions(town: Town, sheet: Sheet) -> None:
    """Refuse a version without a price."""
    priced = set(town.sheets["tarifs_lignes"].of("version_id"))
    for row in range(len(sheet)):
        if row not in sheet.bad and sheet.first_id + row not in priced:
            sheet.refuse(row, None, "empty_tariff", "La grille n'a aucun prix dans tarifs_lignes.csv.")


@rule(
    "tariff_rules",
    "Deux tranches d'une même liste ne se partagent pas un QF, et une formule nommée existe. Ce qui modifie "
    "le prix d'une unité vient avant ce qui modifie la ligne. Un QF sans prix est refusé quand le service "
    "n'a pas de formule, signalé sinon ; une catégorie inscrite sans prix est signalée.",
)
def tariff_rules(town: Town, sheet: Sheet) -> None:
    """Refuse a price list that contradicts itself or leaves a QF without a price."""
    versions, tariffs = town.sheets["tarifs_versions"], town.sheets["tarifs"]
    formulas: dict[int, list[str]] = {}
    for _, service, code in rows_of(town.sheets["services_formules"], "service_id", "code"):
        formulas.setdefault(service, []).append(code)
    categories = _categories(town)
    values = [sheet.of(name) for name in CONDITIONS]
    ordinals, places = sheet.of("ordinal"), sheet.of("applies_to")
    for version, rows in grouped(sheet, "version_id").items():
        rows.sort(key=lambda row: ordinals[row])
        rules = [RuleConditions(*(column[row] for column in values)) for row in rows]
        ranks = versions.of("rank_basis")[version - versions.first_id]
        if ranks is None and any(map(asks_siblings, rules)):
            sheet.refuse(
                rows[0], "tarif", "rank_basis", "Dites dans tarifs_versions.csv parmi qui le rang se compte."
            )
        _refuse_late_units(sheet, rows, places)
        service = tariffs.of("service_id")[versions.of("tariff_id")[version - versions.first_id] - tariffs.first_id]
        known = formulas.get(service, [])
        wrong = contradictions(rules, known) or ([] if known else faults(rules, [], []))
        for message in wrong:
            sheet.refuse(rows[0], "tarif", "bad_tariff", message)
        if not wrong:
            for message in faults(rules, categories.get(service, set()), known):
                sheet.doubt(rows[0], "tarif", "tariff_gap", message)


def _refuse_late_units(sheet: Sheet, rows: Sequence[int], places: Sequence[str | None]) -> None:
    """Refuse what modifies a unit's price once the line is: units are changed before lines are."""
    for place, row in enumerate(rows):
        if places[row] == "unit" and is_out_of_order([places[each] for each in rows[: place + 1]]):
            message = "Ce qui modifie le prix d'une unité vient avant ce qui modifie la ligne : changez les rangs."
            sheet.refuse(row, "porte_sur", "bad_order", message)


def _categories(town: Town) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for _, service, category in rows_of(town.sheets["inscriptions"], "service_id", "category"):
        found.setdefault(service, set()).add(category)
    return found


@rule("residence_zones", "Une commune n'a qu'une zone à partir d'un jour.")
def residence_zones(town: Town, sheet: Sheet) -> None:
    """Refuse a commune given twice from the same day, however its name is written."""
    for rows in grouped(sheet, "commune_key", "valid_from").values():
        for row in rows[1:]:
            message = f"Cette commune a déjà une zone à partir de ce jour, à la ligne {sheet.lines[rows[0]]}."
            sheet.refuse(row, "commune", "second_zone", message)
