"""`python -m tests.oracles.mutants`: change each constant of the pricing SQL in turn; the oracles must object.

A constant is a number or a quoted word of a compiled model. A changed model is filled again with the models that
rest on it, over the same rows; what comes out must differ from what the oracles say. Prints seen and unseen by
model; ends with 1 when one is unseen that `EQUIVALENT` does not explain.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.cases.reading import Case, read_cases
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.harness.models import compile_once
from tests.oracles.computed import TARGETS, Rows, in_words, new_warehouse, rows_by_town
from tests.oracles.proof import Expected, commit, expected_of, told_apart
from tests.oracles.random_towns import FIRST, LAST, TownMaker
from tests.oracles.world import Town
from tests.sql.town_rows import pack
from warehouse.project import CompiledModel, CompiledProject

MODELS = ("int_pricing__", "fct_priced_lines", "fct_covered_lines")
FEW = 30  # most changes show in so many towns
EQUIVALENT = Path(__file__).parent / "equivalent_mutants.yaml"
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TYPE = re.compile(r"decimal\s*\([^)]*\)|varchar\s*\([^)]*\)", re.IGNORECASE)
_SORT_KEY = re.compile(r"'_\d+'(?=:)")  # a name that only the macro `list_of` gives and drops
_CONSTANT = re.compile(r"(?<![\w.\"])\d+(?:\.\d+)?(?![\w.\"])|'[^'\n]*'")


@dataclass(frozen=True)
class Mutant:
    """One model with one constant changed; `place` counts the constants of the model from 1."""

    model: str
    place: int
    line: str
    before: str
    after: str
    sql: str

    def __str__(self) -> str:
        return f"{self.model} no {self.place}: {self.before} → {self.after} in « {self.line} »"


def mutants(model: CompiledModel) -> Iterator[Mutant]:
    """Yield the model once for each of its constants."""
    hidden = [match.span() for pattern in (_COMMENT, _TYPE, _SORT_KEY) for match in pattern.finditer(model.sql)]
    found = [m for m in _CONSTANT.finditer(model.sql) if not any(a <= m.start() < b for a, b in hidden)]
    for place, match in enumerate(found, 1):
        before = match.group()
        after = _changed(before)
        sql = model.sql[: match.start()] + after + model.sql[match.end() :]
        line = model.sql[: match.start()].count("\n")
        yield Mutant(model.name, place, model.sql.split("\n")[line].strip(), before, after, sql)


def _changed(constant: str) -> str:
    if constant.startswith("'"):
        return f"'{constant.strip(chr(39))}x'"
    return f"{constant}7" if "." in constant else str(int(constant) + 1)


@dataclass
class Group:
    """Towns computed in one run, with what the oracles say of each over its days, in a warehouse of their own."""

    towns: list[Town]
    days: list[tuple[date, date]]
    expected: list[Expected]
    warehouse: MemoryWarehouse
    unchanged: Rows = field(default_factory=list)

    def differs(self) -> bool:
        """Say whether what the models hold now is something else than what the oracles say.

        Towns whose rows are those of the unchanged models need no second look.
        """
        rows = rows_by_town(self.warehouse.connection)
        changed = set(range(len(self.towns)))
        if self.unchanged:
            asked = list(zip(self.unchanged, rows, strict=True))
            changed = {each for each in changed if any(old.get(each) != new.get(each) for old, new in asked)}
        found = in_words(rows, changed)
        return any(told_apart(self.expected[each], found[each], *self.days[each]) for each in changed)

    def keep_unchanged(self) -> None:
        """Remember what the unchanged models hold."""
        self.unchanged = rows_by_town(self.warehouse.connection)


def groups(project: CompiledProject, count: int) -> Iterator[Group]:
    """Yield random towns, few first, then those of the cases that can be computed together, all models filled."""
    for seeds in (range(min(count, FEW)), range(min(count, FEW), count)):
        yield _group(project, [TownMaker(seed).town() for seed in seeds], [(FIRST, LAST)] * len(seeds))
    together: defaultdict[tuple[datetime, int], list[Case]] = defaultdict(list)
    for case in read_cases():
        together[case.town.now, case.first.year].append(case)
    for cases in together.values():
        yield _group(project, [case.town for case in cases], [(case.first, case.last) for case in cases])


def _group(project: CompiledProject, towns: list[Town], days: list[tuple[date, date]]) -> Group:
    expected = [expected_of(town, *span) for town, span in zip(towns, days, strict=True)]
    warehouse = new_warehouse(project)
    rows = pack(towns, min(first for first, _ in days), max(last for _, last in days)).rows
    with warehouse.filled(rows) as connection:
        connection.execute("commit")  # what is filled stays, for the changed models to be filled over it
        connection.execute("begin")
    return Group(towns, days, expected, warehouse)


def is_seen(mutant: Mutant, project: CompiledProject, group: Group) -> bool:
    """Say whether the changed model fails, or makes the towns of the group say something else."""
    connection = group.warehouse.connection
    connection.execute("begin")
    try:
        for model in rests_on(project, mutant.model):
            sql = mutant.sql if model.name == mutant.model else model.sql
            if model.materialized == "view":
                connection.execute(f"create or replace view {model.relation} as {sql}")
            else:
                connection.execute(f"delete from {model.relation}")
                connection.execute(f"insert into {model.relation} {sql}")
        return group.differs()
    except (duckdb.Error, ValueError, KeyError, TypeError):
        return True
    finally:
        connection.execute("rollback")


def rests_on(project: CompiledProject, name: str) -> list[CompiledModel]:
    """Return a model and all that the compared ones compute from it, each after those it reads."""
    found = {name}
    for model in project.models:
        if found & set(model.depends_on):
            found.add(model.name)
    needed = {model.name for model in project.needed_for(TARGETS)}
    return [model for model in project.models if model.name in found & needed]


def explained() -> dict[str, str]:
    """Return why each listed mutant says nothing else, by « model no place: before »."""
    content: dict[str, dict[int, str]] = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8"))
    return {f"{model} no {key}": why for model, whys in content.items() for key, why in whys.items()}


@dataclass
class Count:
    """What became of the constants of a model; `left` are those that nobody sees nor explains."""

    constants: int
    seen: int
    equivalent: int
    left: list[str]


def tried(wanted: Sequence[Mutant], unseen: Sequence[Mutant], reasons: Mapping[str, str]) -> Count:
    """Count the mutants of a model."""
    left = [str(mutant) for mutant in unseen if f"{mutant.model} no {mutant.place}" not in reasons]
    return Count(len(wanted), len(wanted) - len(unseen), len(unseen) - len(left), left)


def keep(path: Path, model: str, count: Count) -> None:
    """Write the count of a model beside those that the file has already, with the commit and the day."""
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    known[model] = {"date": day, "commit": commit(), **asdict(count)}
    path.write_text(json.dumps(dict(sorted(known.items())), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def tell(model: str, count: Count) -> None:
    """Print the count of a model, and what nobody sees."""
    said = f"{count.seen} seen, {count.equivalent} equivalent, {len(count.left)} unseen"
    print(f"{model}: {count.constants} constants, {said}", *(f"  unseen: {each}" for each in count.left), sep="\n")
    sys.stdout.flush()


def options_of(description: str | None) -> argparse.ArgumentParser:
    """Return the options that both kinds of mutants share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--only", default=[""], nargs="+", help="only models whose name contains one of these")
    parser.add_argument("--json", type=Path, help="keep the count of each model in this file")
    return parser


def main() -> int:
    """Try each; print what nobody sees; return the exit code."""
    parser = options_of(__doc__)
    parser.add_argument("--towns", type=int, default=150)
    options = parser.parse_args()
    project, reasons, bad = compile_once(), explained(), 0
    compared = list(groups(project, options.towns))
    assert not any(group.differs() for group in compared), "the SQL and the oracles differ before any change"
    for group in compared:
        group.keep_unchanged()
    for model in project.models:
        if not model.name.startswith(MODELS) or not any(part in model.name for part in options.only):
            continue
        wanted = list(mutants(model))
        unseen = [each for each in wanted if not any(is_seen(each, project, group) for group in compared)]
        count = tried(wanted, unseen, reasons)
        tell(model.name, count)
        bad += len(count.left)
        if options.json:
            keep(options.json, model.name, count)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
