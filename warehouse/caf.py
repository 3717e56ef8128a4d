"""What the published figures say for a declaration to the CAF: its lines, and what it would be asked about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from domain.caf_audit import CountedDay
from domain.caf_declarations import Control, Figure
from domain.filoue import FiloueFigures
from warehouse.errors import SnapshotMissing
from warehouse.rows import MARTS

_TOO_OLD = (
    "Les chiffres publiés ont été calculés par une version qui ne faisait pas les déclarations. "
    "Relancez « marelle warehouse build »."
)


def declaration_figures(
    connection: duckdb.DuckDBPyConnection, structure_ref: str, year: int, period: str
) -> tuple[Figure, ...]:
    """Return the lines of a structure's year, or of its first months, in the order of the declaration."""
    rows = _rows(
        connection,
        f"select block, position, code, value, unit, fault from {MARTS}.fct_caf_declaration_figures "  # noqa: S608
        "where structure_ref = ? and year = ? and period = ? order by block, position, code",
        [structure_ref, year, period],
    )
    return tuple(Figure(*row) for row in rows)


def declaration_controls(
    connection: duckdb.DuckDBPyConnection, structure_ref: str, year: int
) -> tuple[Control, ...]:
    """Return what the CAF would ask about in a structure's year, by kind, day and child."""
    rows = _rows(
        connection,
        f"select control, child_ref, service_ref, day, quantity from {MARTS}.fct_caf_controls "  # noqa: S608
        "where structure_ref = ? and year = ? order by control, day, child_ref, service_ref",
        [structure_ref, year],
    )
    return tuple(Control(*row) for row in rows)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: list[object]) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(query, values).fetchall()
    except duckdb.CatalogException as missing:
        raise SnapshotMissing(_TOO_OLD) from missing


def counted_days(
    connection: duckdb.DuckDBPyConnection, structure_ref: str, days: tuple[date, date]
) -> list[CountedDay]:
    """Return the child-days of a structure between two days, both in: personal, for whoever controls hours."""
    rows = _rows(
        connection,
        "select child_ref, service_ref, day, caf_hour_rule, realised_minutes, billed_minutes, "  # noqa: S608
        "is_declared, counts_billed, coalesce(held_back, fault, ''), age_group, regime_group, is_aeeh "
        f"from {MARTS}.fct_caf_child_days "
        "where structure_ref = ? and day between ? and ? order by day, child_ref, service_ref",
        [structure_ref, *days],
    )
    return [CountedDay(*row) for row in rows]


def declared_minutes(
    connection: duckdb.DuckDBPyConnection, structure_ref: str, months: tuple[date, date]
) -> dict[tuple[str, date], int]:
    """Return the minutes declared of a structure by service and month, between two months, both in."""
    rows = _rows(
        connection,
        f"select service_ref, month, cast(sum(minutes) as bigint) from {MARTS}.fct_caf_hours "  # noqa: S608
        "where structure_ref = ? and month between ? and ? group by all order by all",
        [structure_ref, *months],
    )
    return {(service_ref, month): minutes for service_ref, month, minutes in rows}


def filoue_figures(
    connection: duckdb.DuckDBPyConnection, structure_ref: str, year: int
) -> dict[str, FiloueFigures]:
    """Return the early-childhood year of each child of a structure: exact hours, euros, and rate in percent."""
    rows = _rows(
        connection,
        "with days as (select child_ref, "  # noqa: S608
        "sum(case when counts_billed then billed_minutes end) as billed, "
        "sum(case when is_declared then realised_minutes else 0 end) as realised, "
        "sum(case when counts_billed then contribution end) as amount, "
        "nullif(max_by(regime_group, (day, service_ref)), 'INCONNU') as regime_group "
        f"from {MARTS}.fct_caf_child_days "
        "where structure_ref = ? and extract(year from day) = ? and caf_kind = 'eaje' group by child_ref) "
        "select days.child_ref, days.billed, days.realised, days.amount, rates.effort_rate, days.regime_group "
        f"from days left join {MARTS}.fct_effort_rates as rates "
        "on rates.structure_ref = ? and days.child_ref = rates.child_ref and rates.year = ? order by 1",
        [structure_ref, year, structure_ref, year],
    )
    return {
        child_ref: FiloueFigures(
            child_ref, Decimal(billed or 0) / 60, Decimal(realised or 0) / 60, amount or Decimal(0), rate, group
        )
        for child_ref, billed, realised, amount, rate, group in rows
    }
