"""The kitchen's forecast on outside files: the models of our own records, run in memory on CSV files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.in_memory import IN_MEMORY_ONLY
from warehouse.meal_files import GIVEN, MealFiles, Replay, fill_from_files
from warehouse.project import DATABASE, CompiledModel, CompiledProject, compiled_project
from warehouse.snapshot import folder

ANSWERS = "int_forecast__answers"
LEAD_WEEKS = 3
# A year of replayed weeks makes the intervals of the SQL model.
_SQL_DAYS = 380


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a forecast came to: rows written, the model that answered, and what people must know, in French."""

    rows: int
    model: str
    messages: tuple[str, ...]


def forecast_files(home: Path, files: MealFiles, out: Path, *, lead_weeks: int = LEAD_WEEKS) -> Forecast:
    """Forecast the days asked into a CSV file: site, date, prediction, intervals and their reasons.

    `lead_weeks` is how many weeks before the meal the kitchen orders; the past is replayed with it. Raises
    InvalidData for a file that cannot be used, BuildFailed when the models do not compile.
    """
    with opened() as connection:
        messages = fill_from_files(connection, files, Replay(lead_weeks, _SQL_DAYS))
        run_models(connection, compiled_project(folder(home)), [ANSWERS])
        rows = write_answers(connection, out, "'sql'")
    return Forecast(rows, "sql", tuple(messages))


@contextmanager
def opened() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield an empty in-memory database with the schemas; one thread, so that sums never differ."""
    connection = duckdb.connect(":memory:", config={"threads": 1, **IN_MEMORY_ONLY})
    try:
        connection.execute(f"attach ':memory:' as {DATABASE}")
        connection.execute(f"use {DATABASE}")
        for schema in ("raw", "intermediate", "forecast"):
            connection.execute(f"create schema {schema}")
        yield connection
    finally:
        connection.close()


def run_models(connection: duckdb.DuckDBPyConnection, project: CompiledProject, targets: Sequence[str]) -> None:
    """Compute models and all they rest on, down to the given ones, each once."""
    for model in _above_given(project, targets):
        connection.execute(f"create table if not exists {model.relation} as {model.sql}")


def _above_given(project: CompiledProject, targets: Sequence[str]) -> list[CompiledModel]:
    by_name = {model.name: model for model in project.models}
    wanted: set[str] = set()
    pending = list(targets)
    while pending:
        name = pending.pop()
        if name not in wanted and name not in GIVEN:
            wanted.add(name)
            pending += by_name[name].depends_on
    return [model for model in project.models if model.name in wanted]


def write_answers(connection: duckdb.DuckDBPyConnection, out: Path, model: str) -> int:
    """Write the answers, in the order of days and sites; return how many."""
    rows = connection.sql(_WRITTEN.format(model=model))
    rows.write_csv(str(out), header=True)
    return len(rows)


_WRITTEN = """
select
    answers.site,
    answers.day as date,
    round(answers.prediction, 2) as prediction,
    round(answers.lo80, 2) as lo80,
    round(answers.hi80, 2) as hi80,
    round(answers.lo95, 2) as lo95,
    round(answers.hi95, 2) as hi95,
    {model} as model,
    answers.base as enrolled,
    round(answers.level, 4) as level,
    round(answers.profile, 4) as weekday_profile,
    round(answers.deviation, 4) as site_weekday,
    round(answers.calendar_effect, 4) as calendar_effect,
    round(answers.menu_effect, 4) as menu_effect,
    answers.basis_days,
    remark.remark
from forecast.int_forecast__answers as answers
left join remark as remark on answers.site = remark.site and answers.day = remark.day
order by answers.day, answers.site
"""
