"""Figures for those who steer: who was booked and who came, by place, service, day and class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from warehouse.rows import MARTS, read_rows


@dataclass(frozen=True, slots=True)
class FrequentationRow:
    """One structure × service × day × class (mart fct_frequentation); `places` are the service's, all classes.

    `booked` = present + absent_unjustified + absent_justified + absent_declared + undecided + unknown + to_come.
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
