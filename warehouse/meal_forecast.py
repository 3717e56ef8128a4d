"""The kitchen's forecast on outside files: the models of our own records, run in memory on CSV files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse import meal_trees
from warehouse.in_memory import IN_MEMORY_ONLY
from warehouse.meal_files import GIVEN, MealFiles, Replay, fill_from_files
from warehouse.project import DATABASE, CompiledModel, CompiledProject, compiled_project
from warehouse.snapshot import folder

ANSWERS = "int_forecast__answers"
LEAD_WEEKS = 3
# A year of replayed weeks makes the intervals of the SQL model.
_SQL_DAYS = 380
# The second model learns from all the past there is.
_ALL_DAYS = 36_500
_NOT_INSTALLED = (
    "Le second modèle n'est pas installé : le modèle SQL répond. Pour l'avoir, installez marelle[forecast] et le "
    "paquet libgomp1 du système."
)
_SQL_IS_BETTER = (
    "Le modèle SQL répond : sur la dernière année, il fait aussi bien que le second, ou les données sont trop peu "
    "nombreuses pour celui-ci (dix sites et deux ans)."
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a forecast came to: rows written, the model that answered, and what people must know, in French."""

    rows: int
    model: str
    messages: tuple[str, ...]


def forecast_files(
    home: Path, files: MealFiles, out: Path, *, lead_weeks: int = LEAD_WEEKS, with_trees: bool = False
) -> Forecast:
    """Forecast the days asked into a CSV file: site, date, prediction, intervals and their reasons.

    `lead_weeks` is how many weeks before the meal the kitchen orders; the past is replayed with it. With trees,
    whichever of the two models did better on the last year of this past answers. Raises InvalidData for a file
    that cannot be used, BuildFailed when the models do not compile.
    """
    messages = []
    if with_trees and not meal_trees.is_installed():
        with_trees = False
        messages.append(_NOT_INSTALLED)
    with opened() as connection:
        replay = Replay(lead_weeks, _ALL_DAYS if with_trees else _SQL_DAYS)
        messages += fill_from_files(connection, files, replay)
        project = compiled_project(folder(home))
        if with_trees:
            run_models(connection, project, [meal_trees.FEATURES])
            with_trees = meal_trees.correct(connection)
            messages += [] if with_trees else [_SQL_IS_BETTER]
        run_models(connection, project, [ANSWERS])
        rows = write_answers(connection, out)
    return Forecast(rows, "best" if with_trees else "sql", tuple(messages))


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


def run_models(
    connection: duckdb.DuckDBPyConnection,
    project: CompiledProject,
    targets: Sequence[str],
    given: Sequence[str] = GIVEN,
) -> None:
    """Compute models and all they rest on, down to the given ones, each once."""
    for model in _above_given(project, targets, given):
        connection.execute(f"create table if not exists {model.relation} as {model.sql}")


def _above_given(project: CompiledProject, targets: Sequence[str], given: Sequence[str]) -> list[CompiledModel]:
    by_name = {model.name: model for model in project.models}
    wanted: set[str] = set()
    pending = list(targets)
    while pending:
        name = pending.pop()
        if name not in wanted and name not in given:
            wanted.add(name)
            pending += by_name[name].depends_on
    return [model for model in project.models if model.name in wanted]


def write_answers(connection: duckdb.DuckDBPyConnection, out: Path) -> int:
    """Write the answers, in the order of days and sites; return how many."""
    rows = connection.sql(_WRITTEN)
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
    answers.base as enrolled,
    round(answers.level, 4) as level,
    round(answers.profile, 4) as weekday_profile,
    round(answers.deviation, 4) as site_weekday,
    round(answers.calendar_effect, 4) as calendar_effect,
    round(answers.menu_effect, 4) as menu_effect,
    round(answers.prediction / nullif(answers.base * answers.model_rate, 0), 4) as correction,
    answers.way,
    answers.basis_days,
    remark.remark
from forecast.int_forecast__answers as answers
left join remark as remark on answers.site = remark.site and answers.day = remark.day
order by answers.day, answers.site
"""
