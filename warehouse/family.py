"""One family, now: the published models' own SQL on an in-memory DuckDB filled live from records.

Quotes, today's lines and the YAML cases come from here, so that no price has a second home (house rule 1).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NotRequired, Required, TypedDict, Unpack

import duckdb
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from domain.deadlines import Timing
from domain.errors import NotFound
from domain.lines import CoveredLine, PricedLine
from domain.parameters import EnteredValue
from domain.time import MICROS_PER_MINUTE, MICROS_PER_SECOND
from records.database import Records
from records.models import AbsenceReason, Enrolment, Person, Service, StateValue, TariffVersion
from records.operations.booking_terms import TermsBook
from records.operations.hole_windows import open_windows
from warehouse.family_contracts import with_contracts
from warehouse.family_coverages import first_day_needed, suppose_applied
from warehouse.family_rows import FamilyScope, family_rows, family_scope
from warehouse.fed import FedWarehouse
from warehouse.project import CompiledProject, compiled_project
from warehouse.raw import NATIONAL_PARAMETER, OPEN_HOLE, BuildContext, RawRow, national_parameter_rows
from warehouse.rows import covered_lines, priced_lines
from warehouse.snapshot import folder

__all__ = ["Change", "FamilyPrices", "PlannedDay", "family_lines", "family_prices", "warm_up"]

TARGETS = ("fct_priced_lines", "fct_covered_lines", "fct_taps")
_IDLE_MAX = 4
_ABSENCE_GAP_DAYS = 31  # dbt_project.yml, absence_gap_days
_LAST = 2**62  # supposed bookings come after every one recorded
_idle: dict[str, list[FedWarehouse]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A day that a family thinks of booking, at the place where the child is enrolled."""

    child_ref: str
    service_ref: str
    day: date
    formula: str | None = None
    start_minute: int | None = None
    end_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a quote supposes beyond what is recorded; nothing of it is written.

    `applied_coverages` names coverages taken as notified, on every enrolment of their child that they may concern.
    """

    planned_days: tuple[PlannedDay, ...] = ()
    applied_coverages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FamilyPrices:
    """A family's lines, and what bodies pay of them."""

    lines: list[PricedLine]
    covered: list[CoveredLine]


class Options(TypedDict):
    """`now` in µs UTC decides what is over; `change` makes it a quote."""

    now: Required[int]
    change: NotRequired[Change | None]


def family_lines(
    records: Records, home: Path, family_ref: str, first_day: date, last_day: date, **options: Unpack[Options]
) -> list[PricedLine]:
    """Return a family's lines from the first to the last day, both included, as records stand now.

    Days to come are lines too, provisional ones. Raises NotFound for an unknown family, or a child or service of
    the change that is not enrolled.
    """
    return family_prices(records, home, family_ref, first_day, last_day, **options).lines


def family_prices(
    records: Records, home: Path, family_ref: str, first_day: date, last_day: date, **options: Unpack[Options]
) -> FamilyPrices:
    """Return what `family_lines` does, and what bodies pay of it.

    A coverage with a limit began to be used before the days asked: its earlier lines are computed too. A membership
    of those who came may be due for a presence after them.
    """
    project = compiled_project(folder(home))
    now = options["now"] // MICROS_PER_MINUTE * MICROS_PER_MINUTE
    change = options.get("change") or Change()
    with records.read() as session:
        last_needed = _last_needed(session, last_day, now)
        scope = family_scope(session, family_ref, first_day, last_needed)
        scope, last_line_day = with_contracts(session, scope, last_day)
        first_needed = first_day_needed(session, scope, change.applied_coverages) - _look_back(session)
        scope = replace(scope, first_day=first_needed)
        rows = family_rows(session, scope, project.raw_tables_of(TARGETS))
        rows[OPEN_HOLE] = [tuple(each) for each in open_windows(session, now)]
        rows.update(scope.kept_rows())
        rows[NATIONAL_PARAMETER] = national_parameter_rows(_entered(session))
        rows["booking"] += _booked(session, scope, change, now)
        suppose_applied(rows, change.applied_coverages)
    rows.update(BuildContext(now, first_needed, scope.last_day, last_line_day).rows())
    asked = [scope.family_id, first_day, last_day]
    with _warehouse(project) as warehouse, warehouse.filled(rows) as connection:
        lines = priced_lines(
            connection,
            "from marelle.marts.fct_priced_lines where family_id = ? and day between ? and ? "
            "order by day, child_ref, service_ref, line_key",
            asked,
        )
        if not rows["coverage_enrolment"]:
            return FamilyPrices(lines, [])
        return FamilyPrices(lines, _covered(connection, lines))


def _covered(connection: duckdb.DuckDBPyConnection, lines: list[PricedLine]) -> list[CoveredLine]:
    return covered_lines(
        connection,
        "from marelle.marts.fct_covered_lines where line_key in (select unnest(?)) "
        "order by day, child_ref, service_ref, line_key, rank, coverage_ref",
        [[line.line_key for line in lines]],
    )


def warm_up(home: Path) -> None:
    """Compile and prepare one warehouse ahead of the first question; a server calls it when it starts."""
    with _warehouse(compiled_project(folder(home))):
        pass


@contextmanager
def _warehouse(project: CompiledProject) -> Iterator[FedWarehouse]:
    """Lend an idle warehouse of these models, or a new one; each serves one question at a time."""
    with _lock:
        idle = _idle.setdefault(project.models_hash, [])
        warehouse = idle.pop() if idle else None
    warehouse = warehouse or FedWarehouse(project, TARGETS)
    yield warehouse
    with _lock:
        if len(idle) < _IDLE_MAX:
            idle.append(warehouse)


def _look_back(session: Session) -> timedelta:
    """Return how long before the first day rows are read: an absence may have begun then."""
    counted = session.execute(
        select(AbsenceReason.deducts_after_unit, func.max(AbsenceReason.deducts_after_days)).group_by(
            AbsenceReason.deducts_after_unit
        )
    )
    # Between two days on which a child should come there may be as much as an absence may pause.
    spans = [
        days * _ABSENCE_GAP_DAYS if unit == "service_day" else days + _ABSENCE_GAP_DAYS
        for unit, days in counted
        if days
    ]
    return timedelta(days=max(spans, default=0))


def _last_needed(session: Session, last_day: date, now: int) -> date:
    """Return the last day whose presences decide the lines of the days asked."""
    attended = select(TariffVersion.id).where(TariffVersion.package_basis == "attended").limit(1)
    if session.scalar(attended) is None:
        return last_day
    return max(last_day, datetime.fromtimestamp(now // MICROS_PER_SECOND, UTC).date())


def _entered(session: Session) -> list[EnteredValue]:
    """Return the State values that the town entered, the one that stands last."""
    return [
        EnteredValue(row.parameter_id, row.valid_from, Decimal(row.value), row.source)
        for row in session.scalars(select(StateValue).order_by(StateValue.id))
    ]


def _booked(session: Session, scope: FamilyScope, change: Change, now: int) -> list[RawRow]:
    """Return the bookings that a quote supposes, made now, after all those recorded."""
    if not change.planned_days:
        return []
    terms = TermsBook(session, now)
    return [
        (_LAST + number, *_booking(session, scope, terms, planned))
        for number, planned in enumerate(change.planned_days, 1)
    ]


def _booking(session: Session, scope: FamilyScope, terms: TermsBook, planned: PlannedDay) -> RawRow:
    person_id, service_id, structure_id = _enrolled(session, scope, planned)
    said = [
        "" if each is None else str(each) for each in (planned.formula, planned.start_minute, planned.end_minute)
    ]
    asked = terms.now(structure_id)
    is_late = terms.timing(service_id, structure_id, planned.day, asked) is Timing.LATE
    day = planned.day.isoformat()
    received = (asked.day.isoformat(), str(asked.minute), int(is_late))
    return (person_id, service_id, structure_id, day, "book", *said, *received)


def _enrolled(session: Session, scope: FamilyScope, planned: PlannedDay) -> tuple[int, int, int]:
    """Return the child, service and place of the enrolment that a planned day is booked on; raises NotFound."""
    known = session.execute(select(Person.id).where(Person.ref == planned.child_ref)).scalar_one_or_none()
    found = session.execute(
        select(Enrolment.person_id, Enrolment.service_id, Enrolment.structure_id)
        .join(Service, Service.id == Enrolment.service_id)
        .where(
            Enrolment.person_id == (None if known is None else scope.kept[Person].of(known)),
            Service.ref == planned.service_ref,
            Enrolment.person_id.in_(scope.people),
            Enrolment.valid_from <= planned.day,
            or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > planned.day),
        )
        .order_by(Enrolment.valid_from.desc(), Enrolment.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise NotFound(
            f"L'enfant « {planned.child_ref} » n'est pas inscrit au service « {planned.service_ref} » le "
            f"{planned.day:%d/%m/%Y} : inscrivez-le d'abord.",
            child_ref=planned.child_ref,
            service_ref=planned.service_ref,
            day=planned.day,
        )
    return int(found.person_id), int(found.service_id), int(found.structure_id)
