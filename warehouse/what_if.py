"""A past school year of the published snapshot, priced again under another grid by the pricing models themselves.

Only the choice of a rule and the amounts are computed again (docs/adr/0024): presence, units, payers, QF and
incomes are the snapshot's. Nothing is written but the result, beside the snapshots.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from domain.errors import InvalidData
from domain.french import typeset
from domain.what_if import FamilyChange, MissingPrice, SchoolYear, ServiceChange, Simulation
from warehouse.columns import loaded_tables
from warehouse.errors import SnapshotMissing
from warehouse.in_memory import IN_MEMORY_ONLY
from warehouse.project import DATABASE, CompiledModel, CompiledProject, compiled_project
from warehouse.raw import RawRow, create_raw, insert_rows
from warehouse.simulations import keep_simulation
from warehouse.snapshot import Snapshot, folder, read_pointer
from warehouse.trial_lines import COUNT, PUBLISHED, TriedLines, count_lines, show_ranked_lines

Version = Mapping[str, Any]
"""One version of a grid: records.operations.tariffs.NewTariffVersion as a mapping, days as ISO text or dates."""
Progress = Callable[[float, str], None]

_CIRCUMSTANCES, _VERSIONS, _RANKS, _PRICED = (
    f"int_pricing__{name}" for name in ("circumstances", "versions", "ranks", "prices")
)
_ALIKE = "published.intermediate.int_pricing__told"
# What models read of the town, from the published file.
_GIVEN = {
    "int_pricing__psu_scale": f"from {PUBLISHED}.psu_scale",
    "stg_records__family_members": f"from {PUBLISHED}.family_members",
    "stg_records__enrolments": f"from {PUBLISHED}.enrolments",
    "stg_records__persons": f"from {PUBLISHED}.persons",
    "stg_records__payers": f"from {PUBLISHED}.payers",
}
_THREADS = 2


def simulate(
    home: Path, versions: Sequence[Version], year: SchoolYear, progress: Progress
) -> tuple[str, Simulation]:
    """Return what the year would have come to, and the key under which that is kept for the pages.

    Services without a version keep their amounts, and so do séjours, whose prices are their own. Raises
    InvalidData for a grid that no line of the year meets, SnapshotMissing.
    """
    snapshot = read_pointer(home)
    project = compiled_project(folder(home))
    if snapshot.models_hash != project.models_hash:
        raise SnapshotMissing(
            "Les chiffres publiés viennent d'une autre version de Marelle. Relancez « marelle warehouse build », "
            "puis la simulation."
        )
    progress(0.0, "Lecture de l'année…")
    connection = _open(snapshot)
    try:
        services = _services(connection, year)
        tried = _tried(services, versions, year)
        rules = _fill(connection, services, tried, year)
        progress(0.2, "Regroupement des présences…")
        _price(connection, project, rules, progress)
        progress(0.8, "Comparaison…")
        found = _compared(connection, rules, snapshot, year, tried)
    finally:
        connection.close()
    key = simulation_key(snapshot, versions, year)
    keep_simulation(home, key, found)
    progress(1.0, "La simulation est prête.")
    return key, found


def simulation_key(snapshot: Snapshot, versions: Sequence[Version], year: SchoolYear) -> str:
    """Return the name of a simulation: the same question of the same snapshot has the same one."""
    content = json.dumps([snapshot.id, str(year), list(versions)], default=str, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _open(snapshot: Snapshot) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": _THREADS, **IN_MEMORY_ONLY})
    quoted = str(snapshot.path).replace("'", "''")
    connection.execute(f"attach '{quoted}' as published (read_only)")
    connection.execute(f"attach ':memory:' as {DATABASE}")
    connection.execute(f"use {DATABASE}")
    create_raw(connection)
    for schema in ("staging", "intermediate"):
        connection.execute(f"create schema {schema}")
    return connection


def _services(connection: duckdb.DuckDBPyConnection, year: SchoolYear) -> dict[str, int]:
    """Return the services that have lines in the year, ids by reference; keep them as a table too."""
    connection.execute(
        "create table services as select service_id, any_value(service_ref) as service_ref "  # noqa: S608 (our names)
        f"from {_ALIKE} "
        "where month >= ? and month < ? and not is_provisional group by service_id",
        [year.first, year.end],
    )
    found = connection.execute("select service_ref, service_id from services order by 1").fetchall()
    if not found:
        raise InvalidData(
            typeset(
                f"Aucune présence n'est publiée pour {year}. Choisissez une année passée, ou relancez « marelle "
                "warehouse build »."
            )
        )
    return dict(found)


def _tried(services: Mapping[str, int], versions: Sequence[Version], year: SchoolYear) -> list[Version]:
    """Return the versions that price the year, the first of each service from its first day on.

    A version that begins after the year is the one to try, all year long: that is what a council asks.
    """
    kept: list[Version] = []
    for service in sorted({version["service_ref"] for version in versions} & services.keys()):
        own = sorted((each for each in versions if each["service_ref"] == service), key=_begins)
        of_year = own[-1:] if _begins(own[-1]) >= year.end else own
        begun = [each for each in of_year if _begins(each) <= year.first]
        first, *others = of_year[max(0, len(begun) - 1) :]
        kept += [first if begun else {**first, "valid_from": year.first}, *others]
    if not kept:
        raise InvalidData(
            typeset(f"Aucun service de cette grille n'a de présence en {year}. Vérifiez la colonne « tarif ».")
        )
    return kept


def _begins(version: Version) -> date:
    day = version["valid_from"]
    return day if isinstance(day, date) else date.fromisoformat(day)


def _fill(
    connection: duckdb.DuckDBPyConnection, services: Mapping[str, int], tried: Sequence[Version], year: SchoolYear
) -> TriedLines:
    """Write the grid as the load would, and return its rules by service."""
    rules: dict[int, list[Mapping[str, Any]]] = {}
    rows: dict[str, list[RawRow]] = {"tariff": [], "tariff_version": [], "tariff_rule": []}
    for number, version in enumerate(tried, 1):
        service = services[version["service_ref"]]
        if service not in rules:
            rows["tariff"].append(_raw("tariff", {**version, "id": service, "service_id": service}))
        of_service = rules.setdefault(service, [])
        rows["tariff_version"].append(_raw("tariff_version", {**version, "id": number, "tariff_id": service}))
        for ordinal, rule in enumerate(version["rules"], 1):
            of_service.append(rule)
            place = {"id": len(rows["tariff_rule"]) + 1, "version_id": number, "ordinal": ordinal}
            rows["tariff_rule"].append(_raw("tariff_rule", {**rule, **place}))
    for table, values in rows.items():
        insert_rows(connection, table, values)
    return TriedLines(year.first, year.end, rules)


def _raw(table: str, values: Mapping[str, Any]) -> RawRow:
    """Return a row as the load leaves it: numbers, or text in which '' is missing."""
    found: list[int | str] = []
    for column in loaded_tables()[table].columns:
        value = values.get(column.name)
        value = int(value) if isinstance(value, bool) else value
        found.append(int(value or 0) if column.is_number else "" if value is None else str(value))
    return tuple(found)


def _price(
    connection: duckdb.DuckDBPyConnection, project: CompiledProject, lines: TriedLines, progress: Progress
) -> None:
    """Run the pricing models over lines alike: the same SQL as the build, on fewer rows."""
    by_name = {model.name: model for model in project.models}
    made: set[str] = set()
    for name, query in _GIVEN.items():
        connection.execute(f"create view {by_name[name].relation} as {query}")
        made.add(name)
    _make(connection, by_name, _VERSIONS, made)
    if lines.ranked:
        made.add("int_pricing__lines")
        _make_ranks(connection, by_name, lines, made)
    else:
        count_lines(connection, lines)
    made.add(_CIRCUMSTANCES)
    progress(0.5, "Calcul des prix…")
    _make(connection, by_name, _PRICED, made)


def _make_ranks(
    connection: duckdb.DuckDBPyConnection, by_name: Mapping[str, CompiledModel], lines: TriedLines, made: set[str]
) -> None:
    show_ranked_lines(connection, lines)
    _make(connection, by_name, _RANKS, made)
    count_lines(connection, lines)


def _make(
    connection: duckdb.DuckDBPyConnection, by_name: Mapping[str, CompiledModel], name: str, made: set[str]
) -> None:
    """Create a model after those it reads, but for those already there."""
    if name in made:
        return
    model = by_name[name]
    for needed in model.depends_on:
        _make(connection, by_name, needed, made)
    connection.execute(f"create {model.materialized} {model.relation} as {model.sql}")
    made.add(name)


def _compared(
    connection: duckdb.DuckDBPyConnection,
    lines: TriedLines,
    snapshot: Snapshot,
    year: SchoolYear,
    tried: Iterable[Version],
) -> Simulation:
    days = [year.first, year.end]
    connection.execute(
        "create table now as select family_id, service_id, any_value(family_ref) as family_ref, "  # noqa: S608
        "any_value(service_label) as service_label, sum(line_count) as lines, "
        "coalesce(sum(amount * line_count), 0) as amount, "
        "coalesce(sum(line_count) filter (fault is not null), 0) as unpriced, "
        "coalesce(sum(amount * line_count) filter (kind = 'sejour'), 0) as kept_amount, "
        "coalesce(sum(line_count) filter (kind = 'sejour' and fault is not null), 0) as kept_unpriced, "
        "arg_max(qf_value, days[-1].day) filter (qf_source <> 'default') as qf, "
        "max(days[-1].day) filter (qf_source <> 'default') as qf_day "
        f"from {_ALIKE} where month >= ? and month < ? and not is_provisional group by family_id, service_id",
        days,
    )
    connection.execute(
        f"create table later as select lines.family_id, lines.service_id, "  # noqa: S608 (our names)
        f"coalesce(sum(priced.amount * lines.{COUNT}), 0) as amount, "
        f"coalesce(sum(lines.{COUNT}) filter (priced.fault is not null), 0) as unpriced "
        f"from intermediate.{_PRICED} as priced inner join intermediate.{_CIRCUMSTANCES} as lines "
        "on priced.line_id = lines.line_id group by lines.family_id, lines.service_id"
    )
    tried_ids = list(lines.rules)
    connection.execute(
        "create table compared as select now.*, list_contains(?::bigint[], now.service_id) as is_tried, "
        "case when is_tried then coalesce(later.amount, 0) + now.kept_amount else now.amount end as new_amount, "
        "case when is_tried then coalesce(later.unpriced, 0) + now.kept_unpriced else now.unpriced end "
        "as new_unpriced "
        "from now left join later on now.service_id = later.service_id "
        "and now.family_id is not distinct from later.family_id",
        [tried_ids],
    )
    return Simulation(
        year.start,
        snapshot.id,
        snapshot.as_of,
        tuple(typeset(f"{each['label']} ({each['decision']})") for each in tried),
        _service_changes(connection),
        _family_changes(connection),
        _missing(connection),
    )


def _service_changes(connection: duckdb.DuckDBPyConnection) -> tuple[ServiceChange, ...]:
    found = connection.execute(
        "select service_ref, any_value(service_label), any_value(is_tried), sum(lines)::bigint, sum(amount), "
        "sum(new_amount), sum(unpriced)::bigint, sum(new_unpriced)::bigint from compared "
        "inner join services using (service_id) group by service_ref order by 2, 1"
    ).fetchall()
    return tuple(
        ServiceChange(ref, label, tried, lines, _cents(now), _cents(then), missing, missing_then)
        for ref, label, tried, lines, now, then, missing, missing_then in found
    )


def _family_changes(connection: duckdb.DuckDBPyConnection) -> tuple[FamilyChange, ...]:
    found = connection.execute(
        "select family_ref, arg_max(qf, qf_day), sum(amount), sum(new_amount) from compared "
        "where family_ref <> '' group by family_ref order by family_ref"
    ).fetchall()
    return tuple(FamilyChange(ref, qf, _cents(now), _cents(then)) for ref, qf, now, then in found)


def _missing(connection: duckdb.DuckDBPyConnection) -> tuple[MissingPrice, ...]:
    found = connection.execute(
        f"select labels.service_label, priced.fault, sum(lines.{COUNT})::bigint "  # noqa: S608 (our names)
        f"from intermediate.{_PRICED} as priced "
        f"inner join intermediate.{_CIRCUMSTANCES} as lines on priced.line_id = lines.line_id "
        "inner join (select service_id, any_value(service_label) as service_label from now group by 1) as labels "
        "on lines.service_id = labels.service_id where priced.fault is not null group by 1, 2 order by 1, 2"
    ).fetchall()
    return tuple(MissingPrice(*each) for each in found)


def _cents(amount: Any) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))
