"""Figures for those who steer: who was booked and who came; children and adults by half hour; communes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from domain.commune_figures import CommuneCount
from warehouse.rows import MARTS, read_rows


@dataclass(frozen=True, slots=True)
class FrequentationRow:
    """One structure × service × day × class (mart fct_frequentation); `places` are the service's, all classes.

    Children alone, but for `adults`, who came to eat. `booked` = present + absent_unjustified + absent_justified +
    absent_declared + undecided + unknown + to_come.
    """

    structure_ref: str
    structure_label: str
    service_ref: str
    service_label: str
    class_label: str
    day: date
    weekday: int
    period: str
    booked: int
    present: int
    unexpected: int
    absent_unjustified: int
    absent_justified: int
    absent_declared: int
    undecided: int
    unknown: int
    to_come: int
    late_pickups: int
    adults: int
    places: int | None


def frequentation(
    connection: duckdb.DuckDBPyConnection, days: tuple[date, date], where: str, values: Sequence[Any]
) -> list[FrequentationRow]:
    """Return the rows of `days`, both included, of the places that `where` names."""
    found: list[FrequentationRow] = read_rows(
        connection,
        FrequentationRow,
        f"from {MARTS}.fct_frequentation where day between ? and ? {where} "
        "order by day, structure_ref, service_ref, class_label",
        [*days, *values],
    )
    return found


@dataclass(frozen=True, slots=True)
class StaffingRow:
    """One structure × day × half hour with a child there (mart fct_staffing), at the peak of that half hour.

    `care` is short, long, holiday, daycare or several; `under_6_per` and `from_6_per` are the children an adult may
    look after. `required` is None when a State value is missing, `planned` when nobody said how many animators
    come; the director is in neither. The child is the one with whose booking more are asked for than are planned.
    """

    structure_ref: str
    structure_label: str
    day: date
    half_hour: int
    is_planned: bool
    peak_minute: int
    under_6: int
    from_6: int
    daycare: int
    daycare_walking: int
    required: int | None
    care: str
    has_pedt: bool
    under_6_per: int | None
    from_6_per: int | None
    is_director_apart: bool
    planned: int | None
    tipping_child_ref: str | None
    tipping_first_name: str | None
    tipping_last_name: str | None
    tipping_service_label: str | None
    tipping_booked_on: date | None
    is_tipping_late: bool


def staffing(
    connection: duckdb.DuckDBPyConnection, days: tuple[date, date], where: str, values: Sequence[Any]
) -> list[StaffingRow]:
    """Return the half hours of `days`, both included, of the places that `where` names."""
    found: list[StaffingRow] = read_rows(
        connection,
        StaffingRow,
        f"from {MARTS}.fct_staffing where day between ? and ? {where} order by day, structure_ref, half_hour",
        [*days, *values],
    )
    return found


def commune_counts(
    connection: duckdb.DuckDBPyConnection, month: date, communes: Sequence[str] | None
) -> list[CommuneCount]:
    """Return the counts of a month (its first day), of some communes or of all; small groups are in them."""
    where, values = ("", []) if communes is None else ("and commune in (select unnest(?))", [list(communes)])
    found: list[CommuneCount] = read_rows(
        connection,
        CommuneCount,
        f"from {MARTS}.fct_commune_figures where month = ? {where} order by commune, service_ref",
        [month, *values],
    )
    return found
