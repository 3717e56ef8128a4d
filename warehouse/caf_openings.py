"""What a counted figure of a declaration opens to: its children, then the days and stays of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from domain.caf_days import DeclaredDay
from domain.caf_declarations import LAST_MONTH
from warehouse.rows import MARTS, StayRow, read_rows, stay_rows


@dataclass(frozen=True, slots=True)
class FigureAsked:
    """A figure of a declaration: of a place's year, or of its first months, by its block and code."""

    structure_ref: str
    year: int
    period: str
    block: str
    code: str

    def values(self) -> list[object]:
        """Return them in order, as a query asks for them."""
        return [self.structure_ref, self.year, self.period, self.block, self.code]


@dataclass(frozen=True, slots=True)
class FigureChildRow:
    """A child of a figure: how many days it has there, and what they add (minutes or euros). Names people."""

    child_ref: str
    child_first_name: str
    child_last_name: str
    days: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class FigureDayRow:
    """A child × service × day in a figure: what it adds, and the rule that gave its minutes."""

    day: date
    service_ref: str
    service_label: str
    caf_hour_rule: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """One day that a kind of service of a place is open (mart fct_caf_openings); `places` None: no convention."""

    day: date
    caf_kind: str
    minutes: int
    places: int | None


_ASKED = "asked.structure_ref = ? and asked.year = ? and asked.period = ? and asked.block = ? and asked.code = ?"


def figure_children(connection: duckdb.DuckDBPyConnection, asked: FigureAsked) -> list[FigureChildRow]:
    """Return the children of a figure by name; one that never came has no name here but its reference."""
    found: list[FigureChildRow] = read_rows(
        connection,
        FigureChildRow,
        f"""from (
            select days.child_ref, coalesce(people.first_name, '') as child_first_name,
                coalesce(people.last_name, days.child_ref) as child_last_name, days.days, days.quantity
            from (
                select child_ref, cast(count(distinct day) as integer) as days, sum(quantity) as quantity
                from {MARTS}.fct_caf_figure_days as asked where {_ASKED} group by child_ref
            ) as days
            left join (
                select child_ref, max(child_first_name) as first_name, max(child_last_name) as last_name
                from {MARTS}.fct_stays where structure_ref = ? group by child_ref
            ) as people on days.child_ref = people.child_ref
        ) order by child_last_name, child_first_name, child_ref""",  # noqa: S608 (our own names)
        [*asked.values(), asked.structure_ref],
    )
    return found


def figure_days(connection: duckdb.DuckDBPyConnection, asked: FigureAsked, child_ref: str) -> list[FigureDayRow]:
    """Return the days of a child in a figure, in order."""
    found: list[FigureDayRow] = read_rows(
        connection,
        FigureDayRow,
        f"""from (
            select asked.day, asked.service_ref, coalesce(services.label, asked.service_ref) as service_label,
                counted.caf_hour_rule, asked.quantity
            from {MARTS}.fct_caf_figure_days as asked
            inner join {MARTS}.fct_caf_child_days as counted
                on asked.child_ref = counted.child_ref and asked.service_ref = counted.service_ref
                and asked.day = counted.day
            left join (
                select service_ref, max(service_label) as label from {MARTS}.fct_caf_hours group by service_ref
            ) as services on asked.service_ref = services.service_ref
            where {_ASKED} and asked.child_ref = ?
        ) order by day, service_label""",  # noqa: S608 (our own names)
        [*asked.values(), child_ref],
    )
    return found


def openings(
    connection: duckdb.DuckDBPyConnection, structure_ref: str, part: tuple[int, str], block: str
) -> list[OpeningRow]:
    """Return the days that a place is open for a block of a declaration, in a year or its first months."""
    year, period = part
    found: list[OpeningRow] = read_rows(
        connection,
        OpeningRow,
        f"from {MARTS}.fct_caf_openings where structure_ref = ? and extract(year from day) = ? "
        "and extract(month from day) <= ? and block = ? order by day, caf_kind",
        [structure_ref, year, LAST_MONTH[period], block],
    )
    return found


def declared_days(
    connection: duckdb.DuckDBPyConnection, structure_ref: str, part: tuple[int, str], key: str | None
) -> tuple[DeclaredDay, ...]:
    """Return the days that the counted figures of a declaration sum, each with the figures that it is in.

    With a `Figure.key`, those of that figure alone: the view then reads one branch of itself.
    """
    block, _, code = (key or "").partition(".")
    only, values = ("and block = ? and code = ? ", [block, code]) if key else ("", [])
    rows = connection.execute(
        "select child_ref, service_ref, day, quantity, list(block || '.' || code order by block, code) "  # noqa: S608
        f"from {MARTS}.fct_caf_figure_days where structure_ref = ? and year = ? and period = ? {only}"
        "group by child_ref, service_ref, day, quantity order by child_ref, service_ref, day, quantity",
        [structure_ref, *part, *values],
    ).fetchall()
    return tuple(
        DeclaredDay(child_ref, service_ref, day, quantity, tuple(keys))
        for child_ref, service_ref, day, quantity, keys in rows
    )


def child_names(connection: duckdb.DuckDBPyConnection, structure_ref: str) -> dict[str, tuple[str, str]]:
    """Return last and first name of each child that came to a place, by its reference."""
    rows = connection.execute(
        f"select child_ref, max(child_last_name), max(child_first_name) from {MARTS}.fct_stays "  # noqa: S608
        "where structure_ref = ? group by child_ref",
        [structure_ref],
    ).fetchall()
    return {child_ref: (last, first) for child_ref, last, first in rows}


def child_stays(
    connection: duckdb.DuckDBPyConnection, structure_ref: str, child_ref: str, days: tuple[date, date]
) -> list[StayRow]:
    """Return the stays of a child at a place between two days, both in, each with its taps."""
    return stay_rows(
        connection,
        f"from {MARTS}.fct_stays where structure_ref = ? and child_ref = ? and day between ? and ? "
        "order by day, service_ref, stay_no",
        [structure_ref, child_ref, *days],
    )
