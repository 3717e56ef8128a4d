"""The only door to published marts: read-only, never blocked by a build, never blocking one."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow

from domain.caf_audit import CountedDay
from domain.caf_days import DeclaredDay
from domain.caf_declarations import Control, Figure
from domain.errors import NotFound
from domain.filoue import FiloueFigures
from domain.lines import CoveredLine, PricedLine
from warehouse.caf import (
    counted_days,
    declaration_controls,
    declaration_figures,
    declared_minutes,
    filoue_figures,
)
from warehouse.caf_balance import CafChildDayRow, CafYear, OccupancyRow, PsuCauseRow, PsuRow, PsuWhatIfRow
from warehouse.caf_openings import (
    FigureAsked,
    FigureChildRow,
    FigureDayRow,
    OpeningRow,
    child_names,
    child_stays,
    declared_days,
    figure_children,
    figure_days,
    openings,
)
from warehouse.errors import QueryRefused, SnapshotDamaged, SnapshotMissing
from warehouse.in_memory import IN_MEMORY_ONLY
from warehouse.line_keys import line_of_key
from warehouse.meal_reads import MealReads
from warehouse.meal_rows import (
    MealAccuracy,
    MealChoice,
    MealDelay,
    MealDietTotal,
    MealForecastRow,
    MealLedgerRow,
    MealsRow,
)
from warehouse.month_figures import (
    DraftTotals,
    WaitingCredit,
    WaitingLine,
    draft_totals,
    waiting_credits,
    waiting_lines,
)
from warehouse.rows import (
    MARTS,
    CafHoursRow,
    CoherenceFaultRow,
    HeldBackRow,
    PricingFaultRow,
    StatementRow,
    StayRow,
    UnresolvedTapRow,
    VoucherRow,
    among_structures,
    covered_lines,
    priced_lines,
    read_rows,
    stay_rows,
)
from warehouse.simulations import read_simulation
from warehouse.snapshot import Snapshot, read_pointer
from warehouse.steering import FrequentationRow, StaffingRow
from warehouse.steering_reads import SteeringReads

__all__ = [
    "MARTS",
    "CafChildDayRow",
    "CafHoursRow",
    "CafYear",
    "CoherenceFaultRow",
    "DraftTotals",
    "FigureAsked",
    "FigureChildRow",
    "FigureDayRow",
    "FrequentationRow",
    "HeldBackRow",
    "MealAccuracy",
    "MealChoice",
    "MealDelay",
    "MealDietTotal",
    "MealForecastRow",
    "MealLedgerRow",
    "MealsRow",
    "OccupancyRow",
    "OpeningRow",
    "PricingFaultRow",
    "PsuCauseRow",
    "PsuRow",
    "PsuWhatIfRow",
    "QueryRefused",
    "Reader",
    "Snapshot",
    "SnapshotDamaged",
    "SnapshotMissing",
    "StaffingRow",
    "StatementRow",
    "StayRow",
    "UnresolvedTapRow",
    "VoucherRow",
    "WaitingCredit",
    "WaitingLine",
    "open_snapshot",
    "read_simulation",
]

_OPEN: dict[Path, Reader] = {}
_OPENING = threading.Lock()
_POINTER_TRIES = 3  # a snapshot may be pruned between reading its name and opening it
_READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


@dataclass(frozen=True, slots=True)
class Reader(SteeringReads, MealReads):
    """Reads one published snapshot; safe to share between threads, and valid after a newer one is published."""

    snapshot: Snapshot
    connection: duckdb.DuckDBPyConnection

    def priced_lines(
        self, month: date, *, family_ref: str | None = None, payer_ref: str | None = None
    ) -> list[PricedLine]:
        """Return the lines of a month (any day of it), of one family or payer when named, oldest first."""
        where, values = _where({"family_ref": family_ref, "payer_ref": payer_ref})
        return priced_lines(
            self.connection.cursor(),
            f"from {MARTS}.fct_priced_lines where month = ? {where} order by day, child_ref, service_ref, line_key",
            [month.replace(day=1), *values],
        )

    def priced_line(self, line_key: str) -> PricedLine:
        """Return one line with all its reasons; raises NotFound."""
        found = line_of_key(self.connection.cursor(), line_key)
        if not found:
            raise NotFound(
                f"Aucune ligne « {line_key} » dans les chiffres publiés. Vérifiez la référence, ou relancez "
                "« marelle warehouse build ».",
                line_key=line_key,
            )
        return found[0]

    def covered_lines(
        self, month: date, *, family_ref: str | None = None, payer_ref: str | None = None
    ) -> list[CoveredLine]:
        """Return what bodies pay of the lines of a month (any day of it), in the order of lines and ranks."""
        where, values = _where({"family_ref": family_ref, "payer_ref": payer_ref})
        return covered_lines(
            self.connection.cursor(),
            f"from {MARTS}.fct_covered_lines where month = ? {where} "
            "order by day, child_ref, service_ref, line_key, rank, coverage_ref",
            [month.replace(day=1), *values],
        )

    def third_party_statement(self, month: date, *, body_ref: str | None = None) -> list[StatementRow]:
        """Return what bodies owe for a month (any day of it), one line per decision, by body then child."""
        where, values = _where({"body_ref": body_ref})
        found: list[StatementRow] = read_rows(
            self.connection.cursor(),
            StatementRow,
            f"from {MARTS}.fct_third_party_statement where month = ? {where} "
            "order by body_name, body_ref, child_last_name, child_first_name, decision_number, coverage_ref",
            [month.replace(day=1), *values],
        )
        return found

    def vouchers(self, first: date, end: date, structure_refs: Iterable[str] | None = None) -> list[VoucherRow]:
        """Return what MSA vouchers pay of the days `[first, end)`, by structure then child."""
        where, values = among_structures(structure_refs)
        found: list[VoucherRow] = read_rows(
            self.connection.cursor(),
            VoucherRow,
            "from (select structure_ref, structure_label, body_ref, body_name, coverage_ref, decision_number, "  # noqa: S608 (our names)
            "child_ref, child_first_name, child_last_name, cast(count(distinct day) as integer) as day_count, "
            "cast(sum(units) as decimal(12, 4)) as units, unit, cast(sum(amount) as decimal(12, 2)) as amount "
            f"from {MARTS}.fct_covered_lines where day >= ? and day < ? and coverage_kind = 'msa_voucher' {where} "
            "group by all) order by structure_ref, child_last_name, child_first_name, child_ref, coverage_ref",
            [first, end, *values],
        )
        return found

    def caf_hours(
        self, first_month: date, last_month: date, structure_refs: Iterable[str] | None = None
    ) -> list[CafHoursRow]:
        """Return CAF hours from the first to the last month, both included."""
        where, values = among_structures(structure_refs)
        found: list[CafHoursRow] = read_rows(
            self.connection.cursor(),
            CafHoursRow,
            f"from {MARTS}.fct_caf_hours where month between ? and ? {where} "
            "order by month, structure_ref, service_ref, period, age_group desc, regime_group, is_aeeh",
            [first_month.replace(day=1), last_month.replace(day=1), *values],
        )
        return found

    def declaration_figures(self, structure_ref: str, year: int, period: str) -> tuple[Figure, ...]:
        """Return the lines of a declaration: of a year, or of its first months (`jan_jun`, `jan_sep`)."""
        return declaration_figures(self.connection.cursor(), structure_ref, year, period)

    def declaration_controls(self, structure_ref: str, year: int) -> tuple[Control, ...]:
        """Return what the CAF would ask about in a structure's year."""
        return declaration_controls(self.connection.cursor(), structure_ref, year)

    def counted_days(self, structure_ref: str, first: date, last: date) -> list[CountedDay]:
        """Return the child-days of a structure that its CAF hours rest on, between two days, both in."""
        return counted_days(self.connection.cursor(), structure_ref, (first, last))

    def declared_minutes(self, structure_ref: str, first: date, last: date) -> dict[tuple[str, date], int]:
        """Return the minutes declared by service and month, between two first days of months, both in."""
        return declared_minutes(self.connection.cursor(), structure_ref, (first, last))

    def figure_children(self, asked: FigureAsked) -> list[FigureChildRow]:
        """Return the children that a figure of a declaration counts. Names people."""
        return figure_children(self.connection.cursor(), asked)

    def figure_days(self, asked: FigureAsked, child_ref: str) -> tuple[list[FigureDayRow], list[StayRow]]:
        """Return the days of a child in a figure, and its stays at that place from the first to the last."""
        days = figure_days(self.connection.cursor(), asked, child_ref)
        if not days:
            return [], []
        span = (days[0].day, days[-1].day)
        return days, child_stays(self.connection.cursor(), asked.structure_ref, child_ref, span)

    def declared_days(
        self, structure_ref: str, year: int, period: str, key: str | None = None
    ) -> tuple[DeclaredDay, ...]:
        """Return the days that the counted lines of a declaration sum, or one of them by its `Figure.key`."""
        return declared_days(self.connection.cursor(), structure_ref, (year, period), key)

    def openings(self, structure_ref: str, year: int, period: str, block: str) -> list[OpeningRow]:
        """Return the days that a place is open for a block, in a year or its first months."""
        return openings(self.connection.cursor(), structure_ref, (year, period), block)

    def child_names(self, structure_ref: str) -> dict[str, tuple[str, str]]:
        """Return last and first name of each child that came to a place, by its reference. Names people."""
        return child_names(self.connection.cursor(), structure_ref)

    def child_stays(self, structure_ref: str, child_ref: str, first: date, last: date) -> list[StayRow]:
        """Return the stays of a child at a place between two days, both in. Names people."""
        return child_stays(self.connection.cursor(), structure_ref, child_ref, (first, last))

    def filoue_figures(self, structure_ref: str, year: int) -> dict[str, FiloueFigures]:
        """Return what the Filoué file says of each child's year in early childhood at a structure."""
        return filoue_figures(self.connection.cursor(), structure_ref, year)

    def stays(self, day: date, structure_refs: Iterable[str] | None = None) -> list[StayRow]:
        """Return the stays of a day, by place, service and name."""
        where, values = among_structures(structure_refs)
        return stay_rows(
            self.connection.cursor(),
            f"from {MARTS}.fct_stays where day = ? {where} "
            "order by structure_ref, service_ref, child_last_name, child_first_name, child_ref, stay_no",
            [day, *values],
        )

    def pricing_faults(self, month: date) -> list[PricingFaultRow]:
        """Return what keeps lines of a month from being priced."""
        first = month.replace(day=1)
        found: list[PricingFaultRow] = read_rows(
            self.connection.cursor(),
            PricingFaultRow,
            f"from {MARTS}.fct_pricing_faults where day >= ? and day < ? order by day, line_key, code",
            [first, (first + timedelta(days=32)).replace(day=1)],
        )
        return found

    def coherence_faults(
        self, structure_refs: Iterable[str] | None = None, owners_anywhere: Iterable[str] = ()
    ) -> list[CoherenceFaultRow]:
        """Return what is missing or contradicts itself in the records, the most serious first.

        With places, also the faults of `owners_anywhere` that belong to no place: nobody else would see them.
        """
        where, values = among_structures(structure_refs)
        if where:
            where = f"and (true {where} or structure_ref is null and owner_role in (select unnest(?)))"
            values = [*values, list(owners_anywhere)]
        found: list[CoherenceFaultRow] = read_rows(
            self.connection.cursor(),
            CoherenceFaultRow,
            f"from {MARTS}.fct_coherence_faults where true {where} order by severity, rule, link_ref, fault_key",
            values,
        )
        return found

    def unresolved_taps(
        self, first: date, last: date, structure_refs: Iterable[str] | None = None
    ) -> list[UnresolvedTapRow]:
        """Return the taps that count for no child yet, with what a person can do."""
        where, values = among_structures(structure_refs)
        found: list[UnresolvedTapRow] = read_rows(
            self.connection.cursor(),
            UnresolvedTapRow,
            f"from {MARTS}.fct_unresolved_taps where day between ? and ? {where} order by occurred_at, tap_id",
            [first, last, *values],
        )
        return found

    def held_back(self, first: date, last: date, structure_refs: Iterable[str] | None = None) -> list[HeldBackRow]:
        """Return what waits because taps are missing, from the first to the last day, both included."""
        where, values = among_structures(structure_refs)
        found: list[HeldBackRow] = read_rows(
            self.connection.cursor(),
            HeldBackRow,
            f"from {MARTS}.fct_held_back where day between ? and ? {where} "
            "order by day, structure_ref, service_ref, child_last_name, child_first_name, child_ref",
            [first, last, *values],
        )
        return found

    def draft_totals(self, month: date) -> DraftTotals:
        """Return what the invoices of a month would be today."""
        return draft_totals(self.connection.cursor(), month.replace(day=1))

    def waiting_lines(self, month: date) -> list[WaitingLine]:
        """Return what keeps lines of a month, and of earlier ones that are invoiced, from the invoices."""
        return waiting_lines(self.connection.cursor(), month.replace(day=1))

    def waiting_credits(self, month: date) -> list[WaitingCredit]:
        """Return the credits that the invoices of a month would leave waiting for their own service."""
        return waiting_credits(self.connection.cursor(), month.replace(day=1))

    def sql(self, query: str) -> pyarrow.Table:
        """Return the answer to one SELECT on the marts; raises QueryRefused with the reason.

        The connection can neither write nor reach any other file, whatever the query says.
        """
        cursor = self.connection.cursor()
        try:
            statements = cursor.extract_statements(query)
            if len(statements) != 1 or statements[0].type not in _READING:
                raise QueryRefused(
                    "Une seule requête SELECT est acceptée : les chiffres publiés ne se modifient pas.", query=query
                )
            cursor.execute(f"use {MARTS}")
            return cursor.sql(query).to_arrow_table()
        except duckdb.Error as error:
            raise QueryRefused(f"La requête n'a pas abouti. {error}", query=query) from error


def open_snapshot(home: Path) -> Reader:
    """Return a reader of the current snapshot; raises SnapshotMissing or SnapshotDamaged.

    A process opens each snapshot once; call again to see a newer one.
    """
    for attempt in range(_POINTER_TRIES):
        snapshot = read_pointer(home)
        try:
            return _reader(snapshot)
        except duckdb.Error as error:
            if snapshot.path.exists() or attempt + 1 == _POINTER_TRIES:
                raise SnapshotDamaged(
                    f"Les derniers chiffres publiés ({snapshot.path.name}) sont illisibles. Les données saisies ne "
                    "sont pas touchées : relancez « marelle warehouse build --full ».",
                    path=str(snapshot.path),
                    error=str(error),
                ) from error
    raise AssertionError("unreachable")


def _reader(snapshot: Snapshot) -> Reader:
    with _OPENING:
        known = _OPEN.get(snapshot.path.parent)
        if known is None or known.snapshot != snapshot:
            known = Reader(snapshot, connect_read_only(snapshot.path))
            _OPEN[snapshot.path.parent] = known
        return known


def connect_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection that sees one published file as `marelle` and can reach nothing else."""
    connection = duckdb.connect(":memory:", config={"threads": 2, **IN_MEMORY_ONLY})
    quoted = str(path).replace("'", "''")
    connection.execute(f"attach '{quoted}' as marelle (read_only)")
    connection.execute("set python_enable_replacements = false")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def _where(wanted: dict[str, str | None]) -> tuple[str, list[Any]]:
    given = {column: value for column, value in wanted.items() if value is not None}
    return "".join(f" and {column} = ?" for column in given), list(given.values())
