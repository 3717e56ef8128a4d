"""Grids on trial, for what-if years: read from files of the import, or published already; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import InvalidData, NotFound
from domain.french import typeset
from domain.what_if import SchoolYear
from records.actors import Actor, Right
from records.database import Records
from records.models import Family, Service, Tariff, TariffRule, TariffVersion
from records.operations.lookup import by_ref
from records.operations.registry import operation
from records.operations.tariffs import NewTariffRule, NewTariffVersion, check_effects, grid_faults
from records.town_files.declared import BY_NAME
from records.town_files.faults import Faults
from records.town_files.sheet import Sheet, Stamps, empty_sheet, read_sheet
from records.town_files.source import read_source

LINES, VERSIONS = "tarifs_lignes", "tarifs_versions"
TOLD_MAX = 12
Grid = list[dict[str, Any]]
"""Versions as mappings of plain values (NewTariffVersion), days as ISO text: the arguments of a job."""
_RULE_FIELDS = tuple(each.name for each in fields(NewTariffRule))


@operation(Right.SEE_MONEY)
def read_grid(records: Records, actor: Actor, path: Path, year: SchoolYear) -> Grid:
    """Return the grid of a file `tarifs_lignes.csv`, or of a folder that holds one, checked as a publication is.

    `tarifs_versions.csv` beside it gives roundings and ranks; without it they stay those of the tariff in force.
    Raises InvalidData naming each fault by line, each QF without a price or with two.
    """
    file = path / f"{LINES}.csv" if path.is_dir() else path
    if not file.is_file():
        raise InvalidData(typeset(f"Le fichier {file.name} n'existe pas. Donnez une grille au format de l'import."))
    faults = Faults()
    stamps = Stamps(records.clock(), actor.signature)
    lines = _sheet(LINES, file, faults, stamps)
    versions = _sheet(VERSIONS, file.parent / f"{VERSIONS}.csv", faults, stamps)
    if faults.found:
        told = [str(fault) for fault in faults.told({LINES: (), VERSIONS: ()})]
        raise InvalidData(" ".join([*told[:TOLD_MAX], "…"][: len(told)]), faults=told)
    with records.read() as session:
        grid = [_version(session, *key, rules, versions) for key, rules in _rules(lines).items()]
        if not grid:
            raise InvalidData(typeset(f"{file.name} ne contient aucune ligne de prix."))
        for version in grid:
            _check(session, version, year.first)
    return [_plain(version) for version in grid]


@operation(Right.SEE_MONEY)
def published_grid(records: Records, actor: Actor, tariff_refs: Sequence[str]) -> Grid:
    """Return every published version of some tariffs, of all of them when none is named; raises NotFound."""
    with records.read() as session:
        tariffs = session.scalars(select(Tariff).order_by(Tariff.ref)).all()
        missing = set(tariff_refs) - {tariff.ref for tariff in tariffs}
        if missing:
            raise NotFound(typeset(f"Aucun tarif « {min(missing)} ». Voyez « marelle tariffs check »."))
        wanted = [tariff for tariff in tariffs if not tariff_refs or tariff.ref in tariff_refs]
        return [_plain(version) for tariff in wanted for version in _published(session, tariff)]


@operation(Right.SEE_FAMILIES)
def family_names(records: Records, actor: Actor) -> dict[str, str]:
    """Return the name of each family file by reference, for who may read them beside figures."""
    with records.read() as session:
        return {ref: name for ref, name in session.execute(select(Family.ref, Family.name))}


def _sheet(name: str, path: Path, faults: Faults, stamps: Stamps) -> Sheet:
    file = BY_NAME[name]
    if not path.is_file():
        return empty_sheet(file, faults)
    source = read_source(path, frozenset(column.name for column in file.columns), faults)
    return empty_sheet(file, faults) if source is None else read_sheet(file, source, faults, stamps)


def _rules(lines: Sheet) -> dict[tuple[str, date], list[NewTariffRule]]:
    """Return the rules in their order by tariff and first day."""
    found: dict[tuple[str, date], list[NewTariffRule]] = {}
    values = lines.values
    names = {column.field: column.name for column in lines.file.columns if column.field in _RULE_FIELDS}
    for row in sorted(range(len(lines)), key=lambda row: values["rang"][row]):
        rule = NewTariffRule(**{field: values[name][row] for field, name in names.items() if field is not None})
        found.setdefault((values["tarif"][row], values["debut"][row]), []).append(rule)
    return dict(sorted(found.items()))


def _version(
    session: Session, tariff_ref: str, begins: date, rules: Sequence[NewTariffRule], versions: Sheet
) -> NewTariffVersion:
    tariff = by_ref(session, Tariff, tariff_ref)
    service = session.get_one(Service, tariff.service_id)
    values = versions.values
    given = [
        row for row in range(len(versions)) if (values["tarif"][row], values["debut"][row]) == (tariff_ref, begins)
    ]
    if given:
        named = ("decision", "arrondi_prix", "rang_parmi", "forfait_des", "arrondi_vers")
        decision, step, ranks, packages, mode = (values[name][given[0]] for name in named)
    else:
        last = session.scalars(
            select(TariffVersion)
            .where(TariffVersion.tariff_id == tariff.id)
            .order_by(TariffVersion.valid_from.desc())
        ).first()
        step, ranks, packages, mode = (
            (None, None, None, None)
            if last is None
            else (last.unit_step_e4, last.rank_basis, last.package_basis, last.unit_step_mode)
        )
        decision = "grille à l'essai"
    grid = (tariff_ref, service.ref, tariff.label, begins, decision, tuple(rules))
    return NewTariffVersion(*grid, step, ranks, packages, unit_step_mode=mode)


def _check(session: Session, version: NewTariffVersion, on: date) -> None:
    check_effects(version)
    service = by_ref(session, Service, version.service_ref)
    found = grid_faults(session, service, version.rules, on)
    if found:
        raise InvalidData(typeset(f"Grille « {version.label} » refusée : {' '.join(found)}"), faults=found)
    _check_kinds(session, version)


def _check_kinds(session: Session, version: NewTariffVersion) -> None:
    """Raise InvalidData naming the prices of lines that no year has: they are made where a grid names them."""
    known = session.execute(
        select(TariffRule.version_id, TariffRule.kind, TariffRule.unit)
        .join(TariffVersion, TariffVersion.id == TariffRule.version_id)
        .join(Tariff, Tariff.id == TariffVersion.tariff_id)
        .where(Tariff.ref == version.tariff_ref, TariffRule.applies_to.is_(None))
    ).all()
    kinds = {kind for _, kind, _ in known}
    periods = {unit for _, kind, unit in known if kind == "membership"}
    of_versions = [{kind for number, kind, _ in known if number == each} for each in {row[0] for row in known}]
    # As int_pricing__versions says: with memberships or séjours alone, coming adds no line.
    counts_days = any(None in each or not each & {"membership", "sejour"} for each in of_versions)
    for rule in version.rules:
        why = None
        if rule.kind == "sejour":
            why = "un séjour garde son prix"
        elif rule.kind is None and rule.applies_to is None and not counts_days:
            why = "le tarif actuel ne compte pas les jours, seulement l'adhésion"
        elif rule.kind == "membership" and rule.unit not in periods:
            why = "le tarif actuel n'a pas d'adhésion de cette durée"
        elif rule.kind == "late_pickup" and rule.kind not in kinds:
            why = "le tarif actuel ne compte pas les départs tardifs à part"
        if why is not None:
            raise InvalidData(
                typeset(
                    f"La ligne « {rule.label} » donne un prix que l'année publiée ne permet pas de calculer : "
                    f"{why}. Ôtez-la."
                )
            )


def _published(session: Session, tariff: Tariff) -> list[NewTariffVersion]:
    service = session.get_one(Service, tariff.service_id)
    versions = session.scalars(
        select(TariffVersion).where(TariffVersion.tariff_id == tariff.id).order_by(TariffVersion.valid_from)
    )
    return [
        NewTariffVersion(
            tariff.ref,
            service.ref,
            tariff.label,
            version.valid_from,
            version.decision,
            tuple(
                NewTariffRule(**{name: getattr(rule, name) for name in _RULE_FIELDS})
                for rule in session.scalars(
                    select(TariffRule).where(TariffRule.version_id == version.id).order_by(TariffRule.ordinal)
                )
            ),
            version.unit_step_e4,
            version.rank_basis,
            version.package_basis,
            unit_step_mode=version.unit_step_mode,
        )
        for version in versions
    ]


def _plain(version: NewTariffVersion) -> dict[str, Any]:
    """Return a version as plain values, what is not given left out."""
    values: Mapping[str, Any] = asdict(version)
    rules = [{name: value for name, value in rule.items() if value is not None} for rule in values["rules"]]
    return {**values, "valid_from": version.valid_from.isoformat(), "rules": rules}
