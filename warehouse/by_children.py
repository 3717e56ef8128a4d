"""Lines priced for some children at a time: those of a year, all at once, would go to the disk and come back.

From the lines to what is told of them, a child's lines look at no other child's, and nothing but what is told is
read afterwards: the models between are made in memory for each part of the children, then dropped. Two parts are
made at once, each by a cursor of its own: while one keeps a single core busy, the other has work for the second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from threading import Lock

import duckdb

from warehouse.project import DATABASE, CompiledModel

# What is known of each child and day, the lines that come of it, and what is told of them.
DECIDED, LINES, TOLD = "int_attendance__decided", "int_pricing__lines", "int_pricing__told"
# From lines alike to their price, each after those it reads.
BETWEEN = (
    "int_pricing__circumstances",
    "int_pricing__candidates",
    "int_pricing__bases",
    "int_pricing__modifiers",
    "int_pricing__amounts",
    "int_pricing__prices",
)
# Rows numbered in order are numbered by one core alone, behind which all that made them waits.
NUMBERED, _NUMBERS = "row_number() over () as line_id", f"{DATABASE}.intermediate.line_numbers"
# Gathered, priced and told, so many lines take less than half a gigabyte; smaller parts side by side cost more.
LINES_AT_ONCE, _PARTS_AT_ONCE = 1_000_000, 2

Run = Callable[[duckdb.DuckDBPyConnection, str, str], None]


def made_by_children(models: tuple[CompiledModel, ...]) -> tuple[CompiledModel, ...]:
    """Return the models of a build without those between: what is told reads what they do, and lines are a view."""
    read = dict.fromkeys(name for model in models if model.name in BETWEEN for name in model.depends_on)
    return tuple(_apart(model, tuple(read)) for model in models if model.name not in BETWEEN)


def _apart(model: CompiledModel, read_between: tuple[str, ...]) -> CompiledModel:
    if model.name == TOLD:
        return replace(model, depends_on=(*read_between, *model.depends_on))
    return replace(model, materialized="view") if model.name == LINES else model


def tell_by_children(
    connection: duckdb.DuckDBPyConnection, models: tuple[CompiledModel, ...], made: str, order: str, run: Run
) -> None:
    """Make the table `made` of the lines told, each statement through `run` with the model that it is of.

    Lines are in order inside each part of the children. LINES is there, and all that BETWEEN and TOLD read beside.
    """
    by_name = {model.name: model for model in models}
    between = [by_name[name] for name in BETWEEN if name in by_name]
    lines = by_name[LINES].relation
    run(connection, TOLD, f"create sequence {_NUMBERS}")
    beginning = Lock()

    def tell(children: str) -> None:
        with connection.cursor() as cursor:
            for model in between:
                sql = model.sql.replace(lines, f"(select * from {lines} where {children})")  # noqa: S608 (ours)
                sql = sql.replace(NUMBERED, f"nextval('{_NUMBERS}') as line_id")
                run(cursor, model.name, f"create temp table {model.name} as {_apart_from_others(sql, between)}")
            told = _apart_from_others(by_name[TOLD].sql, between)
            with beginning:
                run(cursor, TOLD, f"create table if not exists {made} as {told}\nwith no data")
            run(cursor, TOLD, f"insert into {made} select * from ({told}\n) order by {order}")  # noqa: S608 (ours)

    parts = list(_parts(connection, by_name[DECIDED].relation))
    with ThreadPoolExecutor(_PARTS_AT_ONCE) as threads:
        list(threads.map(tell, parts))  # the first failure is raised, and what has not begun is not


def _apart_from_others(sql: str, between: Sequence[CompiledModel]) -> str:
    """Return SQL that reads the temporary tables of its own cursor where it read these models."""
    for model in between:
        sql = sql.replace(model.relation, f"temp.{model.name}")
    return sql


def _parts(connection: duckdb.DuckDBPyConnection, decided: str) -> Iterator[str]:
    """Yield a condition on child_id for each part of the children; each child is in one part."""
    counted = f"select child_id, count(*) as days from {decided} group by child_id"  # noqa: S608 (our names)
    ends = connection.execute(
        "select max(child_id) from ("  # noqa: S608 (our names)
        f"select child_id, (sum(days) over (order by child_id) - days) // ? as part from ({counted})"
        ") group by part order by 1",
        [LINES_AT_ONCE],
    ).fetchall()
    bounds = [None, *(end for (end,) in ends[:-1]), None]
    for after, until in pairwise(bounds):
        lower = "true" if after is None else f"child_id > {after}"
        yield lower if until is None else f"{lower} and child_id <= {until}"
