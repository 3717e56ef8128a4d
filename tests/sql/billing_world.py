"""Months of priced lines, billed one after the other by the compiled billing models and nothing else.

The lines are given as pricing would leave them; runs are issued into the raw tables as the load would bring them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from domain.frozen_bodies import read_body
from tests.sql.raw_world import RawWorld
from warehouse.in_memory import IN_MEMORY_ONLY
from warehouse.invoice_bodies import DraftBody, draft_bodies
from warehouse.project import DATABASE, CompiledProject
from warehouse.raw import NATIONAL_PARAMETER, create_raw, insert_rows, national_parameter_rows
from warehouse.reader import Reader
from warehouse.snapshot import Snapshot

MARTS = ("fct_billing_lines", "fct_adjustments", "fct_invoice_drafts", "fct_waiting_credits")
PLACE, OTHER_PLACE = "ecole", "centre"
SERVICES = ("cantine", "soir", "mercredi")
PRICED = "int_pricing__told"
# Lines as pricing leaves them, each alone, and what invoices freeze of the reasons of a price: here there are none.
_PRICED_COLUMNS = {
    "line_key": "varchar", "child_last_name": "varchar",
    "child_id": "bigint", "service_id": "bigint", "structure_id": "bigint", "payer_id": "bigint", "day": "date",
    "month": "date", "kind": "varchar", "unit": "varchar", "units": "decimal(12,4)",
    "unit_price": "decimal(24,12)", "amount": "decimal(12,2)", "fault": "varchar", "held_back": "varchar",
    "is_provisional": "boolean", "line_count": "bigint", "child_ref": "varchar", "child_first_name": "varchar",
    "payer_ref": "varchar", "service_ref": "varchar", "service_label": "varchar", "structure_ref": "varchar",
    "structure_label": "varchar", "situation": "varchar", "formula_label": "varchar",
    "rounding_minutes": "integer", "rounding_mode": "varchar", "tariff_label": "varchar", "rule_label": "varchar",
    "tariff_valid_from": "date", "tariff_decision": "varchar", "qf_value": "decimal(12,2)", "qf_source": "varchar",
    "qf_effective_from": "date", "band_from": "decimal(12,2)", "band_to": "decimal(12,2)",
    "price_basis": "varchar", "monthly_income": "decimal(12,2)", "children_count": "integer",
    "days": "struct(day date, arrived_minute integer, left_minute integer, billed_minutes integer)[]",
    "price_steps": 'struct(ordinal integer, "label" varchar, form varchar, applies_to varchar, '
    '"before" decimal(24,12), "after" decimal(24,12))[]',
}  # fmt: skip
_STAND_INS = {
    "fct_covered_lines": "line_key varchar, month date, payer_ref varchar, body_name varchar, "
    "decision_number varchar, amount decimal(12,2), rank integer, coverage_ref varchar",
}


@dataclass(frozen=True)
class Line:
    """A priced line: child, service and payer by reference (none: empty); `cents` None when a fault keeps it."""

    child: str
    service: str
    day: date
    payer: str
    cents: int | None
    held_back: str | None = None
    place: str = PLACE
    covered: int = 0  # what a body pays of it, in cents
    kind: str = "care"
    is_provisional: bool = False

    @property
    def key(self) -> str:
        """Its line_key."""
        return f"{self.child}~{self.service}~{self.day}~{self.kind}~{self.payer}"


@dataclass
class Bill:
    """A draft of an issued run: what it froze."""

    draft_id: int
    month: date
    body: DraftBody
    is_invoiced: bool

    @property
    def frozen(self) -> dict[str, Any]:
        """The body read back."""
        return read_body(self.body.body)

    @property
    def net_cents(self) -> int:
        """What it adds to what is owed."""
        return self.body.lines_cents + self.body.adjustments_cents - self.body.aside_cents


@dataclass
class BillingWorld:
    """Lines and runs; `today` decides the threshold and who is enrolled."""

    compiled: CompiledProject
    today: date = date(2027, 6, 1)
    lines: dict[str, Line] = field(default_factory=dict)
    closed: dict[tuple[str, date], str] = field(default_factory=dict)
    bills: list[Bill] = field(default_factory=list)
    months: list[date] = field(default_factory=list)
    strict_town: bool = False
    strict_credits: dict[tuple[str, str], bool] = field(default_factory=dict)
    billed_anew: set[int] = field(default_factory=set)
    enrolled: set[tuple[str, str, str]] = field(default_factory=set)  # child, service, payer: for ever

    def put(self, *lines: Line) -> None:
        """Say what pricing says now of these lines."""
        self.lines.update({line.key: line for line in lines})

    def drop(self, line: Line) -> None:
        """Say that pricing knows the line no more."""
        del self.lines[line.key]

    def close(self, month: date, *places: str) -> None:
        """Confirm a month at both places, or at some."""
        for place in places or (PLACE, OTHER_PLACE):
            self.closed[place, month] = "confirmed"

    def issue(self, month: date) -> list[Bill]:
        """Issue a month: each draft of it is frozen, invoiced when it is not held."""
        with self.computed() as connection:
            return self.issue_computed(month, connection)

    def issue_computed(self, month: date, connection: duckdb.DuckDBPyConnection) -> list[Bill]:
        """Issue a month as it was computed."""
        made = []
        for body in _drafts(month, connection):
            bill = Bill(len(self.bills) + 1, month, body, not body.is_held)
            self.bills.append(bill)
            made.append(bill)
        self.months.append(month)
        return made

    def drafts(self, month: date) -> list[DraftBody]:
        """Return the drafts of a month as they are now, with their bodies."""
        with self.computed() as connection:
            return _drafts(month, connection)

    def kept_credits(
        self, month: date, connection: duckdb.DuckDBPyConnection
    ) -> dict[tuple[str, str], tuple[int, bool]]:
        """Return the credits that wait after a month's bills, by payer and service: cents, whether it is stuck."""
        rows = connection.execute(
            "select payer_ref, service_ref, cast(waiting_amount * 100 as integer), is_stuck "
            "from marts.fct_waiting_credits where month = ?",
            [month],
        ).fetchall()
        return {(payer, service): (cents, stuck) for payer, service, cents, stuck in rows}

    def states(self, connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        """Return the lines to bill and those that wait: payer, child, service, day, kind, status, cents due."""
        return connection.execute(
            "select payer_ref, child_ref, service_ref, day, kind, status, cast(due_amount * 100 as integer) "
            "from marts.fct_billing_lines order by all"
        ).fetchall()

    def line_counts(self, month: date, connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
        """Return the number of lines of each draft of a month, by its key."""
        return dict(
            connection.execute(
                "select draft_key, line_count from marts.fct_invoice_drafts where month = ?", [month]
            ).fetchall()
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the marts."""
        with self.computed() as connection:
            return connection.execute(query).fetchall()

    def computed(self) -> duckdb.DuckDBPyConnection:
        """Return a database with the billing models computed."""
        connection = duckdb.connect(":memory:", config={"threads": 1, **IN_MEMORY_ONLY})
        connection.execute(f"attach ':memory:' as {DATABASE}")
        connection.execute(f"use {DATABASE}")
        create_raw(connection)
        world, ids = self._raw()
        for table, rows in world.rows.items():
            if rows:
                insert_rows(connection, table, rows)
        insert_rows(connection, NATIONAL_PARAMETER, national_parameter_rows())
        needed = [model for model in self.compiled.needed_for(MARTS) if not _is_pricing(model.relation, model.name)]
        for schema in ("staging", "intermediate", "marts"):
            connection.execute(f"create schema if not exists {schema}")
        columns = ", ".join(f"{name} {kind}" for name, kind in _PRICED_COLUMNS.items())
        connection.execute(f"create table intermediate.{PRICED} ({columns})")
        if self.lines:
            values = [self._priced(line, ids) for line in self.lines.values()]
            names = ", ".join(values[0])
            marks = ", ".join(f"cast(? as {_PRICED_COLUMNS[name]})" for name in values[0])
            connection.executemany(
                f"insert into intermediate.{PRICED} ({names}) values ({marks})", [[*row.values()] for row in values]
            )
        for name, columns in _STAND_INS.items():
            connection.execute(f"create table marts.{name} ({columns})")
        connection.execute(
            "create table intermediate.int_pricing__covered (line_key varchar, amount decimal(12,2))"
        )
        shares = [(line.key, Decimal(line.covered) / 100) for line in self.lines.values() if line.covered]
        if shares:
            connection.executemany("insert into intermediate.int_pricing__covered values (?, ?)", shares)
        for model in needed:
            kind = "view" if model.materialized == "view" else "table"
            connection.execute(f"create {kind} {model.relation} as {model.sql}")
        return connection

    def _priced(self, line: Line, ids: dict[str, int]) -> dict[str, Any]:
        price = None if line.cents is None else Decimal(line.cents) / 100
        return {
            "line_key": line.key, "child_last_name": line.child,
            "child_id": ids[line.child], "service_id": ids[line.service], "structure_id": ids[line.place],
            "payer_id": ids.get(line.payer), "day": line.day, "month": line.day.replace(day=1), "kind": line.kind,
            "unit": "unit_begun", "units": 1, "unit_price": price, "amount": price, "held_back": line.held_back,
            "fault": "qf_missing" if line.cents is None else None, "is_provisional": line.is_provisional,
            "line_count": 1, "child_ref": line.child, "child_first_name": line.child, "payer_ref": line.payer,
            "service_ref": line.service, "service_label": line.service, "structure_ref": line.place,
            "structure_label": line.place, "days": [
                {"day": line.day, "arrived_minute": None, "left_minute": None, "billed_minutes": None}
            ],
        }  # fmt: skip

    def _raw(self) -> tuple[RawWorld, dict[str, int]]:
        world = RawWorld().town().about(0, date(2026, 9, 1), self.today)
        places = {PLACE, OTHER_PLACE} | {line.place for line in self.lines.values()}
        places |= {place for place, _ in self.closed}
        ids = {place: world.structure(place) for place in sorted(places)}
        ids |= {service: world.service(service) for service in SERVICES}
        frozen = [each for bill in self.bills for part in ("lines", "adjustments") for each in bill.frozen[part]]
        children = {line.child for line in self.lines.values()} | {each["child"] for each in frozen}
        children |= {child for child, _, _ in self.enrolled}
        payers = {line.payer for line in self.lines.values()} | {bill.body.payer_ref for bill in self.bills}
        payers |= {payer for _, _, payer in self.enrolled}
        payers.discard("")
        ids |= {child: world.person(child) for child in sorted(children)}
        ids |= {payer: world.add("payer", ref=payer, family_id=1) for payer in sorted(payers)}
        for seq, ((place, month), state) in enumerate(self.closed.items(), 1):
            world.add("month_state", structure_id=ids[place], month=month, seq=seq, state=state)
        world.add("billing_setting", valid_from=date(2026, 1, 1), seq=1, credits_are_strict=self.strict_town)
        for (payer, service), is_strict in self.strict_credits.items():
            if payer in ids:
                world.add("credit_rule", payer_id=ids[payer], service_id=ids[service], seq=1, is_strict=is_strict)
        for child, service, payer in sorted(self.enrolled):
            enrolment_id = world.add(
                "enrolment", person_id=ids[child], service_id=ids[service], structure_id=ids[PLACE],
                category="enfant", valid_from=date(2026, 9, 1),
            )  # fmt: skip
            world.add(
                "enrolment_payer", enrolment_id=enrolment_id, payer_id=ids[payer], rule="all",
                valid_from=date(2026, 9, 1),
            )  # fmt: skip
        runs = {month: world.add("billing_run", month=month, state="issued") for month in self.months}
        for bill in self.bills:
            self._add_bill(world, bill, runs[bill.month], ids[bill.body.payer_ref])
        return world, ids

    def _add_bill(self, world: RawWorld, bill: Bill, run_id: int, payer_id: int) -> None:
        fields = asdict(bill.body)
        cents = {name: fields[name] for name in ("lines_cents", "adjustments_cents", "aside_cents")}
        world.add(
            "invoice_draft", id=bill.draft_id, run_id=run_id, payer_id=payer_id, is_held=bill.body.is_held,
            body=bill.body.body, **cents,
        )  # fmt: skip
        for carried_id in bill.body.carried_ids:
            world.add("carried_draft", draft_id=bill.draft_id, carried_id=carried_id)
        if bill.is_invoiced:
            invoice_id = world.add("invoice", draft_id=bill.draft_id)
            if bill.draft_id in self.billed_anew:
                world.add("credit_note", invoice_id=invoice_id, bills_again=True)

    def by_payer(self) -> dict[str, int]:
        """Return what was billed or held of each payer, in cents, without what is billed anew."""
        found: defaultdict[str, int] = defaultdict(int)
        for bill in self.bills:
            found[bill.body.payer_ref] += bill.net_cents
        return found

    def digest(self, month: date) -> str:
        """Return the SHA-256 of all drafts of a month: the same lines give the same bytes."""
        return hashlib.sha256("".join(body.body for body in self.drafts(month)).encode()).hexdigest()


def month_after(month: date, count: int = 1) -> date:
    """Return the first day of a later month."""
    for _ in range(count):
        month = (month + timedelta(days=32)).replace(day=1)
    return month


def _drafts(month: date, connection: duckdb.DuckDBPyConnection) -> list[DraftBody]:
    reader = Reader(_NO_SNAPSHOT, connection)
    return [body for part in draft_bodies(reader, month, None) for body in part]


def _is_pricing(relation: str, name: str) -> bool:
    """Whether a model comes before the priced lines: those are given."""
    return '"intermediate"' in relation and not name.startswith("int_billing__")


_NO_SNAPSHOT = Snapshot("", None, "", 0, 0, 0, 0, "", "")  # type: ignore[arg-type]
