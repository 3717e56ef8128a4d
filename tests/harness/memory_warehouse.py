"""The compiled SQL on an in-memory DuckDB: raw rows in, rows of a model out, nothing of them kept.

For many worlds in one run (one family alone: `warehouse.fed`). The town's own data (calendar, services, tariffs)
and the models that rest on it alone stay until they change, and a model that can have no row, because the taps or
decisions it comes from are none, is not run.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import duckdb

from tests.harness.models import compile_once
from warehouse.fed import REFERENCE_TABLES, RawRows
from warehouse.in_memory import IN_MEMORY_ONLY
from warehouse.project import DATABASE, CompiledModel, CompiledProject
from warehouse.raw import NATIONAL_PARAMETER, RawRow, create_raw, insert_rows, national_parameter_rows


@cache
def kept_warehouse(*targets: str) -> MemoryWarehouse:
    """Return this process's warehouse of the current models: one for all who ask for the same targets."""
    return MemoryWarehouse(compile_once(), targets)


# Before Python ends, or DuckDB's library complains of what is left.
atexit.register(kept_warehouse.cache_clear)


@dataclass(frozen=True, slots=True)
class _Step:
    """A prepared statement that fills one model."""

    statement: str
    model: CompiledModel


class MemoryWarehouse:
    """One in-memory database with the models that the targets need, for many worlds. One run at a time."""

    def __init__(self, project: CompiledProject, targets: Sequence[str]) -> None:
        self.connection = duckdb.connect(":memory:", config={"threads": 1, **IN_MEMORY_ONLY})
        self.connection.execute(f"attach ':memory:' as {DATABASE}")
        self.connection.execute(f"use {DATABASE}")
        create_raw(self.connection)
        self._held: dict[str, Sequence[RawRow]] = {}
        self._held_steps: list[_Step] = []
        self._steps: list[_Step] = []
        self._names = {model.name for model in project.models}  # which of them have rows, nobody counts
        for model in project.needed_for(targets):
            is_held = project.raw_tables_of([model.name]) <= REFERENCE_TABLES
            self._create(model, self._held_steps if is_held else self._steps)

    @contextmanager
    def filled(self, rows: RawRows) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the connection with raw rows in and all models computed; then nothing of a family is left."""
        packaged = frozenset({NATIONAL_PARAMETER} - rows.keys())  # what a town entered comes with its rows
        self._hold({table: rows.get(table, ()) for table in REFERENCE_TABLES - packaged})
        given = {table for table, values in rows.items() if values}
        self.connection.execute("begin")
        try:
            for table in given - REFERENCE_TABLES:
                insert_rows(self.connection, table, rows[table])
            for step in self._steps:
                if step.model.may_have_rows(given | self._names):
                    self.connection.execute(f"execute {step.statement}")
            yield self.connection
        finally:
            self.connection.execute("rollback")

    def _hold(self, reference: RawRows) -> None:
        """Keep the town's own rows, and what rests on them alone, until they differ."""
        wanted = {NATIONAL_PARAMETER: national_parameter_rows(), **reference}
        changed = [table for table, rows in wanted.items() if rows != self._held.get(table)]
        if not changed:
            return
        self._held = {}  # until all of it is in again
        for table in changed:
            self.connection.execute(f"delete from raw.{table}")
            if wanted[table]:
                insert_rows(self.connection, table, wanted[table])
        for step in self._held_steps:
            self.connection.execute(f"delete from {step.model.relation}")
            self.connection.execute(f"execute {step.statement}")
        self._held = wanted

    def _create(self, model: CompiledModel, steps: list[_Step]) -> None:
        """Create a view, or an empty table and the statement that fills it."""
        self.connection.execute(f"create schema if not exists {model.schema}")
        if model.materialized == "view":
            self.connection.execute(f"create view {model.relation} as {model.sql}")
            return
        self.connection.execute(f"create table {model.relation} as {model.sql}")
        self.connection.execute(f"prepare fill_{model.name} as insert into {model.relation} {model.sql}")
        steps.append(_Step(f"fill_{model.name}", model))
