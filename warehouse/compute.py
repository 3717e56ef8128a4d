"""The models of a build: their compiled SQL on a loaded file, the marts straight into the file to publish.

dbt compiles once a release; run by dbt, a small town would cost five times what its SQL does. What dbt held is held
here: columns that a contract says are known are, and no test of the marts finds a row (docs/adr/0025).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from warehouse.errors import BuildFailed
from warehouse.project import DATABASE, CompiledModel, CompiledProject, CompiledTest
from warehouse.replayed import keep_replay

__all__ = ["compute"]

_NEW, _MARTS = "published", "marts"
_CORES = "MARELLE_WAREHOUSE_CORES"
# Lines are read by payer when a month is drafted; their key is unique.
_ORDERS = {"fct_priced_lines": "payer_ref, line_key", "fct_billing_lines": "payer_ref, line_key"}


def compute(project: CompiledProject, file: Path, new_file: Path, on_step: Callable[[float], None]) -> None:
    """Compute all models from the raw schema of `file`; write into `new_file` the marts and what replays rest on.

    `on_step` is told the part done, 0 to 1. Raises BuildFailed naming the model, or all the tests, that failed.
    """
    # What a killed build left would be read again: DuckDB finds the journal by the file's name.
    for left in (new_file, new_file.with_name(f"{new_file.name}.wal")):
        left.unlink(missing_ok=True)
    tests = list(_tests_of_marts(project))
    with duckdb.connect(str(file), config={"threads": int(os.environ.get(_CORES, "2"))}) as connection:
        quoted = str(new_file).replace("'", "''")
        connection.execute(f"attach '{quoted}' as {_NEW}")
        for schema in sorted({model.schema for model in project.models}):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute(f"create schema {_NEW}.{_MARTS}")
        for done, model in enumerate(project.models, 1):
            _make(connection, model)
            on_step(done / (len(project.models) + 1))
        failures = [said for said in (_failure(connection, test) for test in tests) if said]
        if failures:
            raise BuildFailed.of(failures)
        keep_replay(connection, _NEW)
        connection.execute(f"checkpoint {_NEW}")
        connection.execute(f"detach {_NEW}")
    on_step(1.0)


def _make(connection: duckdb.DuckDBPyConnection, model: CompiledModel) -> None:
    """Create a view or a table; a mart is made in the new file, ordered: the same records give the same one."""
    statement = f"create {model.materialized} {_published(model.relation)} as "
    if model.schema == _MARTS:
        statement += f"select * from ({_published(model.sql)}\n) order by {_ORDERS.get(model.name, 'all')}"  # noqa: S608 (ours)
    else:
        statement += model.sql
    try:
        connection.execute(statement)
    except duckdb.Error as error:
        raise BuildFailed.of([f"{model.name} : {error}"]) from error


def _published(sql: str) -> str:
    """Return compiled SQL that reads and makes marts where they are published."""
    return sql.replace(f'"{DATABASE}"."{_MARTS}".', f'"{_NEW}"."{_MARTS}".')


def _tests_of_marts(project: CompiledProject) -> Iterator[CompiledTest]:
    """Yield what must hold of what is published; a key lost on the way to a mart is lost in the mart too."""
    marts = {model.name: model for model in project.models if model.schema == _MARTS}
    yield from (test for test in project.tests if test.model is None or test.model in marts)
    for model in marts.values():
        if model.never_null:
            unknown = " or ".join(f"{column} is null" for column in model.never_null)
            sql = f"select * from {model.relation} where {unknown}"  # noqa: S608 (our names)
            yield CompiledTest(f"{model.name}_is_known", model.name, sql)


def _failure(connection: duckdb.DuckDBPyConnection, test: CompiledTest) -> str | None:
    """Return what to say of a test that found rows, or None."""
    sql = f"select count(*) from ({_published(test.sql)}\n)"  # noqa: S608 (our own tests)
    try:
        found = connection.execute(sql).fetchall()[0][0]
    except duckdb.Error as error:
        raise BuildFailed.of([f"{test.name} : {error}"]) from error
    return f"{test.name} : {found}" if found else None
