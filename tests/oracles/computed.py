"""What the warehouse's SQL says of packed towns, in the oracles' own words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

import duckdb

from tests.harness.memory_warehouse import MemoryWarehouse
from tests.oracles.counts import CafDay, Cover
from tests.oracles.coverages import Covered, Refused
from tests.oracles.pricing import Line, order
from tests.oracles.statement import Claim
from tests.oracles.tariffs import Step
from tests.oracles.world import Town
from tests.sql.tariff_rows import ROW_LABEL
from tests.sql.town_rows import pack
from warehouse.fed import FedWarehouse
from warehouse.project import CompiledProject

TARGETS = (
    "fct_priced_lines",
    "fct_pricing_faults",
    "int_caf__hours",
    "int_meals__covers",
    "int_pricing__coverable",
    "fct_covered_lines",
    "fct_third_party_statement",
)

_LINES = """
select service_ref, day, kind, payer_ref, situation, units, unit_price, amount, fault, billed_minutes,
    formulas.formula_code, arrived_minute, left_minute, is_departure_derived, is_provisional, held_back,
    tariff_rule_label, price_steps, line_key, child_ref
from marts.fct_priced_lines as lines
left join staging.stg_records__service_formulas as formulas using (service_id, formula_label)
order by day, service_ref
"""
_CAF = """
select services.service_ref, day, minutes, age_group, regime_group, is_derived, held_back, persons.person_ref
from intermediate.int_caf__hours as hours
inner join staging.stg_records__services as services using (service_id)
inner join staging.stg_records__persons as persons on hours.child_id = persons.person_id
order by day, services.service_ref
"""
_COVERS = """
select services.service_ref, day, diet_code, is_planned, is_planned and not is_basket, is_served, is_absent,
    held_back, persons.person_ref
from intermediate.int_meals__covers as covers
inner join staging.stg_records__services as services using (service_id)
inner join staging.stg_records__persons as persons on covers.child_id = persons.person_id
order by day, services.service_ref
"""
_COVERED = """
select line_key, day, decision_number, body_name, units, amount, child_ref from marts.fct_covered_lines
order by line_key, coverage_ref
"""
_REFUSED = """
select priced.line_key, coverages.decision_number, coverable.fault, priced.child_ref
from intermediate.int_pricing__coverable as coverable
inner join staging.stg_records__coverages as coverages using (coverage_id)
inner join marts.fct_priced_lines as priced using (line_key)
where coverable.fault is not null
order by priced.line_key, coverages.coverage_id
"""
_CLAIMS = """
select month, decision_number, body_name, unit, first_day, last_day, line_count, day_count, units, price, amount,
    is_provisional, child_ref
from marts.fct_third_party_statement
order by month, child_ref, coverage_ref
"""
_FAULTS = "select code, message, child_ref from marts.fct_pricing_faults order by code, line_key"

Rows = list[dict[int, list[tuple[Any, ...]]]]
"""What was asked, question by question: rows by the number of their town."""


@dataclass
class Computed:
    """The outcome of one town."""

    lines: list[Line] = field(default_factory=list)
    caf: list[CafDay] = field(default_factory=list)
    covers: list[Cover] = field(default_factory=list)
    messages: list[tuple[str, str]] = field(default_factory=list)
    covered: list[Covered] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def new_warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    """Return a warehouse that computes all that the oracles check."""
    return MemoryWarehouse(compiled, TARGETS)


def compute(
    warehouse: MemoryWarehouse | FedWarehouse,
    towns: Sequence[Town],
    first: date,
    last: date,
    *,
    shuffle: Callable[[list[Any]], None] | None = None,
) -> list[Computed]:
    """Return the outcome of each town, all computed in one run; they share one `now`.

    `shuffle` mixes the rows of each table first.
    """
    rows = pack(towns, first, last).rows
    if shuffle is not None:
        for table in rows.values():
            shuffle(table)
    with warehouse.filled(rows) as connection:
        return read(connection, len(towns))


def read(connection: duckdb.DuckDBPyConnection, count: int) -> list[Computed]:
    """Return what the models hold of so many towns."""
    found = in_words(rows_by_town(connection), range(count))
    return [found[number] for number in range(count)]


def rows_by_town(connection: duckdb.DuckDBPyConnection) -> Rows:
    """Return the rows of each question, by the number of their town, which their last column begins with."""
    asked: Rows = []
    for query in (_LINES, _CAF, _COVERS, _FAULTS, _COVERED, _CLAIMS, _REFUSED):
        grouped: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for row in connection.execute(query).fetchall():
            grouped[int(row[-1].split(".")[0])].append(row)
        asked.append(grouped)
    return asked


def in_words(rows: Rows, towns: Iterable[int]) -> dict[int, Computed]:
    """Return what the rows say of some towns."""
    found = {number: Computed() for number in towns}
    lines, caf, plates, faults, parts, asked, unpaid = (
        [(number, row) for number in found for row in grouped.get(number, ())] for grouped in rows
    )
    named: dict[str, Line] = {}
    for number, row in lines:
        service, day, kind, payer, *rest, rule, steps, key, child = row
        line = Line(_own(service), day, kind, _own(payer) or None, *rest)
        line = replace(line, child=_own(child), steps=_kept(rule, steps))
        found[number].lines.append(line)
        named[key] = line
    for number, row in caf:
        found[number].caf.append(replace(CafDay(_own(row[0]), *row[1:-1]), child=_own(row[-1])))
    for number, row in plates:
        found[number].covers.append(replace(Cover(_own(row[0]), *row[1:-1]), child=_own(row[-1])))
    for number, row in faults:
        found[number].messages.append((row[0], row[1]))
    for number, (key, _, coverage, body, units, amount, _) in parts:
        found[number].covered.append(Covered(named[key], coverage, body, units, amount))
    for number, (month, *about, child) in asked:
        found[number].claims.append(Claim(month, _own(child), *about))
    for number, (key, coverage, fault, _) in unpaid:
        found[number].refused.append(Refused(named[key], coverage, fault))
    for computed in found.values():
        computed.claims.sort()
        computed.lines.sort(key=order)
        computed.covered.sort(key=lambda part: (*order(part.line), part.coverage))
        computed.refused.sort(key=lambda each: (*order(each.line), each.coverage))
        computed.caf.sort(key=str)
        computed.covers.sort(key=str)
    return found


def _kept(rule: str | None, steps: Sequence[dict[str, Any]] | None) -> tuple[Step, ...]:
    """Return the row that gave the price, by its place, and each modifier that the line kept."""
    if rule is None:
        return ()
    base = Step(int(rule.removeprefix(ROW_LABEL)), "", Fraction(0), Fraction(0))
    modifiers = [
        Step(step["ordinal"], step["form"], Fraction(step["before"]), Fraction(step["after"]))
        for step in steps or ()
    ]
    return base, *modifiers


def _own(ref: str) -> str:
    return ref.split(".", 1)[-1]
