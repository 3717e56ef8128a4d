"""The part of the reader that steering pages use; `warehouse.reader` is still the only door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import duckdb

from domain.commune_figures import Told, told
from warehouse.caf_balance import CafChildDayRow, CafYear, caf_child_days, caf_year
from warehouse.rows import among_structures
from warehouse.steering import FrequentationRow, StaffingRow, commune_counts, frequentation, staffing


class SteeringReads:
    """Reads of a published snapshot: frequentation, adults by half hour, communes, the CAF year."""

    __slots__ = ()
    connection: duckdb.DuckDBPyConnection

    def frequentation(
        self, first: date, last: date, structure_refs: Iterable[str] | None = None
    ) -> list[FrequentationRow]:
        """Return who was booked and who came, in figures, from the first to the last day, both included."""
        return frequentation(self.connection.cursor(), (first, last), *among_structures(structure_refs))

    def staffing(self, first: date, last: date, structure_refs: Iterable[str] | None = None) -> list[StaffingRow]:
        """Return children and adults by half hour, from the first to the last day, both included."""
        return staffing(self.connection.cursor(), (first, last), *among_structures(structure_refs))

    def commune_figures(self, month: date, communes: Sequence[str] | None = None) -> Told:
        """Return what may be told of a month (any day of it) by commune: small groups never leave this door."""
        return told(commune_counts(self.connection.cursor(), month.replace(day=1), communes))

    def caf_year(self, year: int, structure_refs: Iterable[str] | None = None) -> CafYear:
        """Return the early childhood of a year: its weeks, its PSU and what moves it, by place."""
        return caf_year(self.connection.cursor(), year, *among_structures(structure_refs))

    def caf_child_days(self, structure_ref: str, month: date) -> list[CafChildDayRow]:
        """Return the child-days behind the CAF hours of a place in a month (any day of it). Names people."""
        return caf_child_days(self.connection.cursor(), structure_ref, month.replace(day=1))
