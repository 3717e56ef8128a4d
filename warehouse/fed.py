"""The compiled SQL on Arrow tables: a family's raw rows in, rows of the models out, nothing of them kept.

One family is a few rows: DuckDB would plan for longer than it computes. It plans again whatever reads a table, and
only that; so nothing is a table here. Each model is a view of an Arrow table that the next question replaces, and a
statement prepared once fills it. The town's own data (calendar, services, tariffs) and the models that rest on it
alone stay until they change; a model that can have no row, as the rows it comes from are none, is not run.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow

from warehouse.in_memory import IN_MEMORY_ONLY
from warehouse.project import DATABASE, CompiledModel, CompiledProject
from warehouse.raw import BUILD_DAYS, NATIONAL_PARAMETER, RawRow, arrow_rows, national_parameter_rows, raw_tables

__all__ = ["REFERENCE_TABLES", "FedWarehouse", "RawRows"]

RawRows = Mapping[str, Sequence[RawRow]]

# What is the town's own, the same for all its families.
REFERENCE_TABLES = frozenset(
    {
        BUILD_DAYS,
        NATIONAL_PARAMETER,
        "absence_reason",
        "aid_band",
        "aid_scale",
        "calendar_day",
        "calendar_event",
        "collectivity",
        "device",
        "paying_body",
        "residence_zone",
        "school_class",
        "school_year",
        "sejour",
        "service",
        "service_formula",
        "service_place",
        "service_rule",
        "structure",
        "tariff",
        "tariff_rule",
        "tariff_version",
    }
)

# A few rows need no search for the best plan.
_SKIPPED_OPTIMIZERS = (
    "join_order,statistics_propagation,outer_join_simplification,cte_filter_pusher,duplicate_groups"
)
# The copy that DuckDB tells of is of a family's rows; the way it proposes plans the statement again.
_COPIED = "Arrow output on a DB-API result"


class _Feed:
    """What a view reads: an Arrow table that is replaced, of columns that never change."""

    def __init__(self, empty: pyarrow.Table) -> None:
        self.empty = empty
        self.table = empty

    def __arrow_c_schema__(self) -> Any:
        return self.empty.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


class FedWarehouse:
    """One in-memory database with the models that the targets need, for one family. One run at a time."""

    def __init__(self, project: CompiledProject, targets: Sequence[str]) -> None:
        warnings.filterwarnings("ignore", message=_COPIED, category=UserWarning)
        self.connection = duckdb.connect(":memory:", config={"threads": 1, **IN_MEMORY_ONLY})
        self.connection.execute(f"attach ':memory:' as {DATABASE}")
        self.connection.execute(f"use {DATABASE}")
        self.connection.execute(f"set disabled_optimizers = '{_SKIPPED_OPTIMIZERS}'")
        self.connection.execute("set arrow_lossless_conversion = true")
        self._feeds: dict[str, _Feed] = {}
        self._held: dict[str, Sequence[RawRow]] = {}
        for table in raw_tables():
            self._feed("raw", table, arrow_rows(table, ()))
        models = project.needed_for(targets)
        rests_on = {model.name: project.raw_tables_of([model.name]) for model in models}
        of_town = {name for name, tables in rests_on.items() if tables <= REFERENCE_TABLES}
        # A view is planned each time that it is read: one that is asked for is filled too; one of the town's own is
        # computed at each reading, and its rows stay when it is filled.
        asked = of_town | set(targets)
        filled = [model for model in models if self._create(model, is_asked=model.name in asked)]
        # Not before all views are there: a statement older than one of them would be planned at each run.
        for model in filled:
            self.connection.execute(f"prepare {_fill(model)} as {model.sql}")
        self._held_models = [(model, rests_on[model.name]) for model in filled if model.name in of_town]
        self._held_names = of_town
        self._models = [model for model in filled if model.name not in of_town]

    @contextmanager
    def filled(self, rows: RawRows) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the connection with raw rows in and all models computed; then nothing of a family is left."""
        packaged = frozenset({NATIONAL_PARAMETER} - rows.keys())  # what a town entered comes with its rows
        self._hold({table: rows.get(table, ()) for table in REFERENCE_TABLES - packaged})
        given = {table for table, values in rows.items() if values}
        try:
            for table in given - REFERENCE_TABLES:
                self._feeds[table].table = arrow_rows(table, rows[table])
            with_rows = given | self._held_names
            for model in self._models:
                if model.may_have_rows(with_rows) and self._run(model):
                    with_rows.add(model.name)
            yield self.connection
        finally:
            for name in self._feeds.keys() - REFERENCE_TABLES - self._held_names:
                self._feeds[name].table = self._feeds[name].empty

    def _hold(self, reference: RawRows) -> None:
        """Keep the town's own rows, and what rests on them alone, until they differ."""
        wanted = {NATIONAL_PARAMETER: national_parameter_rows(), **reference}
        changed = [table for table, rows in wanted.items() if rows != self._held.get(table)]
        if not changed:
            return
        self._held = {}  # until all of it is in again: what fails is all computed the next time
        for table in changed:
            self._feeds[table].table = arrow_rows(table, wanted[table])
        for model, tables in self._held_models:
            if not tables.isdisjoint(changed):
                self._run(model)
        self._held = wanted

    def _create(self, model: CompiledModel, *, is_asked: bool) -> bool:
        """Create a view of the model; return whether its rows are computed, and not read through the view."""
        self.connection.execute(f"create schema if not exists {model.schema}")
        if model.materialized == "view" and not is_asked:
            self.connection.execute(f"create view {model.relation} as {model.sql}")
            return False
        self._feed(model.schema, model.name, self.connection.sql(model.sql).to_arrow_table())
        return True

    def _feed(self, schema: str, name: str, empty: pyarrow.Table) -> None:
        self.connection.execute(f"create schema if not exists {schema}")
        self._feeds[name] = _Feed(empty)
        self.connection.register(f"fed_{name}", self._feeds[name])
        self.connection.execute(f"create view {DATABASE}.{schema}.{name} as select * from fed_{name}")  # noqa: S608 (ours)

    def _run(self, model: CompiledModel) -> bool:
        """Compute a model; return whether it has a row."""
        found: pyarrow.Table = self.connection.execute(f"execute {_fill(model)}").to_arrow_table()
        self._feeds[model.name].table = found
        return bool(found.num_rows)


def _fill(model: CompiledModel) -> str:
    return f"fill_{model.name}"
