"""The models of a build: their compiled SQL in memory, the marts straight into the file to publish.

dbt compiles once a release; run by dbt, a small town would cost five times what its SQL does. What dbt held is held
here: columns that a contract says are known are, and no test of the marts finds a row (docs/adr/0025).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.by_children import TOLD, made_by_children, tell_by_children
from warehouse.errors import BuildFailed
from warehouse.project import DATABASE, CompiledModel, CompiledProject, CompiledTest
from warehouse.replayed import READ_BY_REPLAYS, keep_replay

__all__ = ["READ_AFTER_A_BUILD", "computed"]

_LOADED, _NEW, _MARTS, _INTERMEDIATE = "loaded", "published", "marts", "intermediate"
# Stays, lines alike and child-days, published as they are, and names: marts are views of them.
_READ_BY_MARTS = {
    "int_attendance__people_told": "child_id",
    "int_attendance__places_told": "structure_id",
    "int_attendance__services_told": "service_id",
    "int_attendance__stays_told": "child_id, service_id, day, stay_no",
    "int_billing__told": "payer_ref, line_key",
    "int_caf__child_days": "structure_id, child_id, service_id, day",
    "int_pricing__told": "payer_ref, line_key",
}
# What tells until when a build is true.
READ_AFTER_A_BUILD = ("int_calendar__service_days",)
_LOADED_TABLES = "select table_name from duckdb_tables() where database_name = 'loaded' and schema_name = 'raw'"
_CORES = "MARELLE_WAREHOUSE_CORES"
_MEMORY = "MARELLE_WAREHOUSE_MEMORY"
# What is spilled costs a fifth more: a quarter of the machine's memory, within these bounds, in bytes.
_MEMORY_BOUNDS = (1_200_000_000, 3_400_000_000)
# DuckDB guesses a few hundred rows where these join millions, and would hold the wide side in memory: of them it
# holds the side that is written second.
_SIDES_AS_WRITTEN = frozenset({"int_attendance__tap_effects", "int_caf__hours", TOLD})
# Each order is of a unique key, of numbers: wide rows are then not compared to the end, nor texts.
_ORDERS = {"fct_taps": "child_id, service_id, day, tap_no"}


@contextmanager
def computed(
    project: CompiledProject, file: Path, new_file: Path, on_step: Callable[[float], None]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Compute all models from the raw schema of `file`; write into `new_file` the marts and what replays rest on.

    Yields what was computed: the new file as `published`, and READ_AFTER_A_BUILD; the file is whole once left.
    `on_step` is told the part done, 0 to 1. Raises BuildFailed naming the model, or all the tests, that failed.
    """
    # What a killed build left would be read again: DuckDB finds the journal by the file's name.
    for left in (new_file, new_file.with_name(f"{new_file.name}.wal")):
        left.unlink(missing_ok=True)
    tests = list(_tests_of_marts(project))
    with _opened(file, new_file) as connection:
        for schema in sorted({model.schema for model in project.models}):
            connection.execute(f"create schema if not exists {schema}")
        for done, (model, read_for_the_last_time) in enumerate(_with_last_reads(project), 1):
            _make(connection, model, project)
            for relation in read_for_the_last_time:
                connection.execute(f"drop table {relation}")
            on_step(done / (len(project.models) + 1))
        failures = [said for said in (_failure(connection, test) for test in tests) if said]
        if failures:
            raise BuildFailed.of(failures)
        keep_replay(connection, _NEW)
        on_step(1.0)
        yield connection
        connection.execute(f"checkpoint {_NEW}")
        connection.execute(f"detach {_NEW}")


@contextmanager
def _opened(file: Path, new_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a database in memory with views of what was loaded, the file to publish attached.

    Wide rows written to a file cost four times what they do in memory; beyond its limit, memory goes to the disk.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": int(os.environ.get(_CORES, "2")),
        "temp_directory": str(file.with_name("spilled")),
        "memory_limit": os.environ.get(_MEMORY) or f"{_memory_limit()}B",
        # A checkpoint would compress what is in memory only to be dropped.
        "checkpoint_threshold": "1TB",
        # Tables have no order, but those that are published, which ask for theirs.
        "preserve_insertion_order": False,
    }
    with duckdb.connect(":memory:", config=config) as connection:
        connection.execute(f"attach ':memory:' as {DATABASE}")
        connection.execute(f"use {DATABASE}")
        for path, name, options in ((file, _LOADED, " (read_only)"), (new_file, _NEW, "")):
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {name}{options}")
        connection.execute("create schema raw")
        for (table,) in connection.execute(_LOADED_TABLES).fetchall():
            connection.execute(f"create view raw.{table} as select * from {_LOADED}.raw.{table}")  # noqa: S608 (ours)
        connection.execute(f"create schema {_NEW}.{_MARTS}")
        connection.execute(f"create schema {_NEW}.{_INTERMEDIATE}")
        yield connection


def _memory_limit() -> int:
    least, most = _MEMORY_BOUNDS
    return min(max(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4, least), most)


def _with_last_reads(project: CompiledProject) -> Iterator[tuple[CompiledModel, list[str]]]:
    """Yield each model after those it reads, and the tables in memory that nothing reads after it.

    Of those that could be next it is one that reads some table last: what waits in memory goes to the disk.
    """
    models = made_by_children(project.models)
    views = {model.name: model.depends_on for model in models if model.materialized == "view"}
    kept = {*READ_BY_REPLAYS, *READ_AFTER_A_BUILD, *_READ_BY_MARTS}
    # The others, of the keys of these very tables, are asked in our tests and not in a build.
    sql_of_tests = "\n".join(test.sql for test in _tests_of_marts(project))
    tables = {
        model.name: model.relation
        for model in models
        if model.materialized == "table"
        and model.schema != _MARTS
        and model.name not in kept
        and model.relation not in sql_of_tests
    }
    reads = {model.name: tables.keys() & {*_read_by(model.depends_on, views), model.name} for model in models}
    left = Counter(name for names in reads.values() for name in names)
    waiting = {model.name: model for model in models}
    while waiting:
        ready = [model for model in waiting.values() if waiting.keys().isdisjoint(model.depends_on)]
        model = max(ready, key=lambda each: sum(left[name] == 1 for name in reads[each.name] - {each.name}))
        del waiting[model.name]
        left.subtract(reads[model.name])
        yield model, sorted(tables[name] for name in reads[model.name] if not left[name])


def _read_by(names: Sequence[str], views: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield models read, and those that are read through the views among them."""
    for name in names:
        yield name
        yield from _read_by(views.get(name, ()), views)


def _make(connection: duckdb.DuckDBPyConnection, model: CompiledModel, project: CompiledProject) -> None:
    """Create a view or a table: a mart, and what the view of one reads, in the new file."""
    chosen = "build_side_probe_side" if model.name in _SIDES_AS_WRITTEN else ""
    connection.execute(f"set disabled_optimizers = '{chosen}'")
    if model.name in _READ_BY_MARTS:
        made, order = f'"{_NEW}"."{model.schema}"."{model.name}"', _READ_BY_MARTS[model.name]
        if model.name == TOLD:
            tell_by_children(connection, project.models, made, order, _run)
        else:
            _run(connection, model.name, f"create table {made} as select * from ({model.sql}\n) order by {order}")  # noqa: S608 (ours)
        _run(connection, model.name, f"create view {model.relation} as select * from {made}")  # noqa: S608 (ours)
    else:
        for statement in _of_one(model):
            _run(connection, model.name, statement)


def _run(connection: duckdb.DuckDBPyConnection, name: str, statement: str) -> None:
    """Run a statement that makes the named model; raises BuildFailed naming it."""
    try:
        connection.execute(statement)
    except duckdb.Error as error:
        raise BuildFailed.of([f"{name} : {error}"]) from error


def _of_one(model: CompiledModel) -> Iterator[str]:
    if model.schema == _MARTS and model.materialized == "view":
        # It reads what stands beside it, whatever name the file is attached under.
        yield f"use {_NEW}"
        yield f"create view {_MARTS}.{model.name} as " + model.sql.replace(f'"{DATABASE}".', "")
        yield f"use {DATABASE}"
    elif model.schema == _MARTS:
        order = _ORDERS.get(model.name, "all")
        yield f"create table {_published(model.relation)} as {_published(model.sql)}\norder by {order}"
    else:
        yield f"create {model.materialized} {_published(model.relation)} as {model.sql}"


def _published(sql: str) -> str:
    """Return compiled SQL that reads and makes marts where they are published."""
    return sql.replace(f'"{DATABASE}"."{_MARTS}".', f'"{_NEW}"."{_MARTS}".')


def _tests_of_marts(project: CompiledProject) -> Iterator[CompiledTest]:
    """Yield what must hold of what is published; a key lost on the way to a mart is lost in the mart too.

    A mart that is a view has the keys of what it reads, and knows what that does
    (dbt_project/tests/lines_are_told_once.sql).
    """
    tables = {
        model.name: model
        for model in project.models
        if model.name in _READ_BY_MARTS or (model.schema == _MARTS and model.materialized == "table")
    }
    yield from (test for test in project.tests if test.model is None or test.model in tables)
    for model in tables.values():
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
