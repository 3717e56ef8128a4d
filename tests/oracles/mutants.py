"""`python -m tests.oracles.mutants`: change each constant of the pricing SQL in turn; the oracles must object.

A constant is a number or a quoted word of a compiled model. One that can change without any difference on the towns
compared is printed; ends with 1 when there is one that is not known to say nothing about a price.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

import duckdb

from tests.cases.reading import Case, read_cases
from tests.harness.models import compile_once
from tests.oracles.computed import compute, new_warehouse
from tests.oracles.proof import differences
from tests.oracles.random_towns import FIRST, LAST, TownMaker
from tests.oracles.world import Town
from warehouse.memory import MemoryWarehouse
from warehouse.project import CompiledModel, CompiledProject

MODELS = ("int_pricing__", "fct_priced_lines")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TYPE = re.compile(r"decimal\s*\([^)]*\)|varchar\s*\([^)]*\)", re.IGNORECASE)
_CONSTANT = re.compile(r"(?<![\w.\"])\d+(?:\.\d+)?(?![\w.\"])|'[^'\n]*'")


@dataclass(frozen=True)
class Mutant:
    """One model with one constant changed."""

    model: str
    line: int
    before: str
    after: str
    project: CompiledProject


def mutants(project: CompiledProject) -> Iterator[Mutant]:
    """Yield the project once for each constant of its pricing models."""
    for model in project.models:
        if not model.name.startswith(MODELS):
            continue
        hidden = [match.span() for pattern in (_COMMENT, _TYPE) for match in pattern.finditer(model.sql)]
        for match in _CONSTANT.finditer(model.sql):
            if not any(start <= match.start() < end for start, end in hidden):
                yield _mutant(project, model, match)


def _mutant(project: CompiledProject, model: CompiledModel, match: re.Match[str]) -> Mutant:
    before = match.group()
    after = (
        f"'{before.strip(chr(39))}x'"
        if before.startswith("'")
        else f"{before}7"
        if "." in before
        else str(int(before) + 1)
    )
    sql = model.sql[: match.start()] + after + model.sql[match.end() :]
    models = tuple(replace(each, sql=sql) if each.name == model.name else each for each in project.models)
    line = model.sql[: match.start()].count("\n") + 1
    return Mutant(model.name, line, before, after, replace(project, models=models))


@dataclass(frozen=True)
class Group:
    """Towns computed in one run, each with the days that are compared."""

    towns: list[Town]
    days: list[tuple[date, date]]


def groups(count: int) -> list[Group]:
    """Return the random towns, then those of the cases that can be computed together."""
    found = [Group([TownMaker(seed).town() for seed in range(count)], [(FIRST, LAST)] * count)]
    together: defaultdict[tuple[datetime, int], list[Case]] = defaultdict(list)
    for case in read_cases():
        together[case.town.now, case.first.year].append(case)
    for cases in together.values():
        found.append(Group([case.town for case in cases], [(case.first, case.last) for case in cases]))
    return found


def is_seen(mutant: Mutant, compared: list[Group]) -> bool:
    """Say whether the changed SQL fails or says something else than the oracles."""
    try:
        warehouse = new_warehouse(mutant.project)
    except duckdb.Error:
        return True
    try:
        return any(_differs(warehouse, group) for group in compared)
    except duckdb.Error:
        return True
    finally:
        warehouse.connection.close()


def _differs(warehouse: MemoryWarehouse, group: Group) -> bool:
    first, last = min(days[0] for days in group.days), max(days[1] for days in group.days)
    outcomes = compute(warehouse, group.towns, first, last)
    return any(
        differences(town, computed, *days)
        for town, computed, days in zip(group.towns, outcomes, group.days, strict=True)
    )


def main() -> int:
    """Try each; print those that nobody sees; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--towns", type=int, default=250)
    parser.add_argument("--only", default="", help="only models whose name contains this")
    options = parser.parse_args()
    compared = groups(options.towns)
    tried = unseen = 0
    for mutant in mutants(compile_once()):
        if options.only not in mutant.model:
            continue
        tried += 1
        if not is_seen(mutant, compared):
            unseen += 1
            print(f"unseen: {mutant.model}:{mutant.line}: {mutant.before} → {mutant.after}", flush=True)
    print(f"{tried} constants changed, {unseen} unseen")
    return 1 if unseen else 0


if __name__ == "__main__":
    raise SystemExit(main())
