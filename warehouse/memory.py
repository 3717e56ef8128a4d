"""The compiled SQL on an in-memory DuckDB: raw rows in, rows of a model out, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb

from warehouse.project import DATABASE, CompiledProject
from warehouse.raw import NATIONAL_PARAMETER, RawRow, create_raw, insert_rows, national_parameter_rows

RawRows = Mapping[str, Sequence[RawRow]]


class MemoryWarehouse:
    """One in-memory database with the models that the targets need. One run at a time."""

    def __init__(self, project: CompiledProject, targets: Sequence[str], *, threads: int = 1) -> None:
        self.connection = duckdb.connect(
            ":memory:", config={"threads": threads, "autoinstall_known_extensions": False}
        )
        self.connection.execute(f"attach ':memory:' as {DATABASE}")
        self.connection.execute(f"use {DATABASE}")
        create_raw(self.connection)
        insert_rows(self.connection, NATIONAL_PARAMETER, national_parameter_rows())
        self._steps = self._create_models(project, targets)

    @contextmanager
    def filled(self, rows: RawRows) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the connection with raw rows in and all models computed; everything is undone afterwards."""
        self.connection.execute("begin")
        try:
            for table, values in rows.items():
                if values:
                    insert_rows(self.connection, table, values)
            for step in self._steps:
                self.connection.execute(step)
            yield self.connection
        finally:
            self.connection.execute("rollback")

    def _create_models(self, project: CompiledProject, targets: Sequence[str]) -> list[str]:
        """Create views and empty tables; return the statements that fill the tables, in order."""
        steps: list[str] = []
        for model in project.needed_for(targets):
            self.connection.execute(f"create schema if not exists {model.schema}")
            if model.materialized == "view":
                self.connection.execute(f"create view {model.relation} as {model.sql}")
            else:
                self.connection.execute(f"create table {model.relation} as {model.sql}")
                steps.append(f"insert into {model.relation} {model.sql}")
        return steps
