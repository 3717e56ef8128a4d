"""The CAF year as directors follow it: occupancy by week, invoicing rate, what moves it, down to the child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from warehouse.rows import MARTS, read_rows


@dataclass(frozen=True, slots=True)
class OccupancyRow:
    """One structure × week of early childhood (mart fct_caf_occupancy), by its Monday; minutes are exact.

    `is_alert`: more children at one moment than the law allows. What is missing is named by `fault`.
    """

    structure_ref: str
    structure_label: str
    week: date
    places: int | None
    capacity_minutes: int | None
    realised_minutes: Decimal
    billed_minutes: Decimal
    peak: int
    most_children: int | None
    is_alert: bool
    fault: str | None


@dataclass(frozen=True, slots=True)
class PsuRow:
    """One structure × year of early childhood (mart fct_psu); hours are exact, `amount` None when refused."""

    structure_ref: str
    structure_label: str
    year: int
    realised_hours: Decimal
    billed_hours: Decimal
    invoicing_rate: Decimal | None
    price_cap: Decimal | None
    contributions: Decimal
    amount: Decimal | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class PsuWhatIfRow:
    """The PSU of the known months of a structure × year after a change (mart fct_psu_what_if).

    Some percent less of a cause's hours, or of « rounding » a step in minutes: 0 is the year as it is.
    `cost_year` and `cost_period` are those of the accounts an hour costs by, None when none can say it.
    """

    structure_ref: str
    year: int
    cause: str
    reason_label: str
    percent_less: int
    rounding_minutes: int
    last_month: int
    cost_year: int | None
    cost_period: str | None
    realised_hours: Decimal
    billed_hours: Decimal
    invoicing_rate: Decimal | None
    price_cap: Decimal | None
    price_retained: Decimal | None
    contributions: Decimal
    amount: Decimal | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class PsuCauseRow:
    """One structure × year × cause × reason (mart fct_psu_causes): hours, and points of invoicing rate it costs."""

    structure_ref: str
    year: int
    cause: str
    reason_label: str
    hours: Decimal
    rate: Decimal | None
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class CafChildDayRow:
    """One child × service × day (mart fct_caf_child_days): what a declared figure opens to. Names people."""

    child_ref: str
    child_first_name: str
    child_last_name: str
    service_label: str
    day: date
    caf_hour_rule: str
    age_group: str
    regime_group: str
    is_declared: bool
    realised_minutes: Decimal | None
    billed_minutes: Decimal | None
    fault: str | None
    held_back: str | None


@dataclass(frozen=True, slots=True)
class CafYear:
    """The early childhood of a year, by place: weeks in order, PSU, and what moves it, what costs most first."""

    weeks: list[OccupancyRow]
    psu: list[PsuRow]
    causes: list[PsuCauseRow]
    what_if: list[PsuWhatIfRow]


def caf_year(connection: duckdb.DuckDBPyConnection, year: int, where: str, values: Sequence[Any]) -> CafYear:
    """Return the weeks that begin in a year, its PSU and its causes, of the places that `where` names."""
    asked = (connection, year, where, values)
    return CafYear(_occupancy(*asked), _psu(*asked), _causes(*asked), _what_if(*asked))


def _occupancy(
    connection: duckdb.DuckDBPyConnection, year: int, where: str, values: Sequence[Any]
) -> list[OccupancyRow]:
    found: list[OccupancyRow] = read_rows(
        connection,
        OccupancyRow,
        f"from {MARTS}.fct_caf_occupancy where week between ? and ? {where} order by structure_ref, week",
        [date(year, 1, 1), date(year, 12, 31), *values],
    )
    return found


def _psu(connection: duckdb.DuckDBPyConnection, year: int, where: str, values: Sequence[Any]) -> list[PsuRow]:
    found: list[PsuRow] = read_rows(
        connection,
        PsuRow,
        f"from {MARTS}.fct_psu where year = ? and period = 'year' {where} order by structure_ref",
        [year, *values],
    )
    return found


def _causes(
    connection: duckdb.DuckDBPyConnection, year: int, where: str, values: Sequence[Any]
) -> list[PsuCauseRow]:
    found: list[PsuCauseRow] = read_rows(
        connection,
        PsuCauseRow,
        f"from {MARTS}.fct_psu_causes where year = ? {where} "
        "order by structure_ref, points desc nulls last, cause, reason_label",
        [year, *values],
    )
    return found


def _what_if(
    connection: duckdb.DuckDBPyConnection, year: int, where: str, values: Sequence[Any]
) -> list[PsuWhatIfRow]:
    found: list[PsuWhatIfRow] = read_rows(
        connection,
        PsuWhatIfRow,
        f"from {MARTS}.fct_psu_what_if where year = ? {where} "
        "order by structure_ref, cause, reason_label, percent_less, rounding_minutes",
        [year, *values],
    )
    return found


def caf_child_days(connection: duckdb.DuckDBPyConnection, structure_ref: str, month: date) -> list[CafChildDayRow]:
    """Return the days of presence in a structure in a month (its first day), by name and day. Names people."""
    found: list[CafChildDayRow] = read_rows(
        connection,
        CafChildDayRow,
        f"""from (
            select days.*, services.service_label,
                coalesce(people.child_first_name, '') as child_first_name,
                coalesce(people.child_last_name, days.child_ref) as child_last_name
            from {MARTS}.fct_caf_child_days as days
            left join (
                select child_ref, max(child_first_name) as child_first_name, max(child_last_name) as child_last_name
                from {MARTS}.fct_stays where structure_ref = ? group by child_ref
            ) as people on days.child_ref = people.child_ref
            left join (
                select service_ref, max(service_label) as service_label
                from {MARTS}.fct_caf_hours group by service_ref
            ) as services on days.service_ref = services.service_ref
            where days.structure_ref = ? and days.day between ? and ? and days.is_present
        ) order by child_last_name, child_first_name, child_ref, day, service_label""",  # noqa: S608 (our own names)
        [structure_ref, structure_ref, month, (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)],
    )
    return found
