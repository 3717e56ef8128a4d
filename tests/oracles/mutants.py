"""`python -m tests.oracles.mutants`: change each constant of the pricing SQL in turn; the oracles must object.

A constant is a number or a quoted word of a compiled model. A changed model is filled again over the same rows,
then those that read what came out otherwise; what the oracles speak of must differ from what they say. Worlds are
tried from the one that saw the constant before. Prints seen and unseen by model; ends with 1 when one is unseen
that `EQUIVALENT` does not explain.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
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

MODELS = ("int_pricing__", "fct_priced_lines", "fct_covered_lines", "fct_third_party_statement")
FEW = 30  # most changes show in so many towns
Digest = tuple[int, int | None]
EQUIVALENT = Path(__file__).parent / "equivalent_mutants.yaml"
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TYPE = re.compile(r"decimal\s*\([^)]*\)|varchar\s*\([^)]*\)", re.IGNORECASE)
_SORT_KEY = re.compile(r"'_\d+'(?=:)")  # a name that only the macro `list_of` gives and drops
_HEAD = re.compile(r"^\s*(?:with\s+)?(?P<name>\w+) as (?:not materialized |materialized )?\($", re.MULTILINE)
_NUMBERED = re.compile(r"(?<=[a-z])_\d+\b")
_CONSTANT = re.compile(r"(?<![\w.\"])\d+(?:\.\d+)?(?![\w.\"])|'[^'\n]*'")


@dataclass(frozen=True)
class Mutant:
    """One model with one constant changed; `place` counts the constants of the model from 1.

    `of_line` counts those of the same line that are written alike.
    """

    model: str
    place: int
    line: str
    before: str
    after: str
    sql: str
    of_line: int = 1

    def __str__(self) -> str:
        return f"{self.model} no {self.place}: {self.before} → {self.after} in « {self.line} »"

    @property
    def constant(self) -> str:
        """What is changed, named so that it stays itself when other lines of the model move."""
        again = f" ({self.of_line})" if self.of_line > 1 else ""
        return f"{self.model}: {self.before}{again} in « {self.line} »"


def mutants(model: CompiledModel) -> Iterator[Mutant]:
    """Yield the model once for each of its constants; what a loop wrote often is one, changed everywhere."""
    hidden = [match.span() for pattern in (_COMMENT, _TYPE, _SORT_KEY) for match in pattern.finditer(model.sql)]
    found = [m for m in _CONSTANT.finditer(model.sql) if not any(a <= m.start() < b for a, b in hidden)]
    copies: defaultdict[tuple[object, ...], list[re.Match[str]]] = defaultdict(list)
    for key, match in zip(_sources(model.sql, found), found, strict=True):
        copies[key].append(match)
    alike: Counter[tuple[str, str]] = Counter()
    for place, (first, *more) in enumerate(copies.values(), 1):
        line = model.sql.split("\n")[model.sql[: first.start()].count("\n")].strip()
        sql = model.sql
        for match in reversed([first, *more]):
            sql = sql[: match.start()] + _changed(match.group()) + sql[match.end() :]
        alike[first.group(), line] += 1
        of_line = alike[first.group(), line]
        yield Mutant(model.name, place, line, first.group(), _changed(first.group()), sql, of_line)


def _sources(sql: str, found: Sequence[re.Match[str]]) -> Iterator[tuple[object, ...]]:
    """Yield what names each constant in the source: the same word of the same line of « name_1 », « name_2 »…"""
    heads = list(_HEAD.finditer(sql))
    places: Counter[tuple[object, ...]] = Counter()
    for match in found:
        head = max((each for each in heads if each.start() < match.start()), key=re.Match.start, default=None)
        start = sql.rfind("\n", 0, match.start()) + 1
        line = _NUMBERED.sub("", sql[start : sql.find("\n", match.start())])
        numbered = _NUMBERED.search(head.group("name")) if head else None
        part = (head.group("name")[: numbered.start()], line) if head and numbered else (match.start(),)
        loop = numbered.group() if numbered else ""
        places[*part, loop] += 1
        yield *part, places[*part, loop]


def _changed(constant: str) -> str:
    if constant.startswith("'"):
        return f"'{constant.strip(chr(39))}x'"
    return f"{constant}7" if "." in constant else str(int(constant) + 1)


@dataclass
class Group:
    """Towns computed in one run, with what the oracles say of each over its days, in a warehouse of their own.

    `unchanged` are the rows that the unchanged models hold, `digests` what tells whether a model still holds them.
    """

    towns: list[Town]
    days: list[tuple[date, date]]
    expected: list[Expected]
    warehouse: MemoryWarehouse
    unchanged: Rows = field(default_factory=list)
    digests: dict[str, Digest] = field(default_factory=dict)

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

    def keep_unchanged(self, project: CompiledProject) -> None:
        """Remember what the unchanged models hold."""
        self.unchanged = rows_by_town(self.warehouse.connection)
        self.digests = {model.name: self.digest(model) for model in compared_models(project)}

    def has_nothing_for(self, name: str, project: CompiledProject) -> bool:
        """Say whether neither a model nor any of those that it reads has a row here."""
        (read,) = (model.depends_on for model in project.models if model.name == name)
        return all(self.digests[each][0] == 0 for each in (name, *read))

    def digest(self, model: CompiledModel) -> Digest:
        """Return the count of its rows and the sum of their hashes: alike when it holds the same rows."""
        found: Digest | None = self.warehouse.connection.execute(
            f"select count(*), sum(hash(held)) from {model.relation} as held"
        ).fetchone()
        assert found is not None
        return found


def groups(project: CompiledProject, count: int) -> Iterator[Group]:
    """Yield random towns, few first, then those of the cases that can be computed together, all models filled."""
    for seeds in (range(min(count, FEW)), range(min(count, FEW), count)):
        yield _group(project, [TownMaker(seed).town() for seed in seeds], [(FIRST, LAST)] * len(seeds))
    together: defaultdict[tuple[datetime, tuple[date, ...], int], list[Case]] = defaultdict(list)
    for case in read_cases():
        is_old = case.last.year < min(FIRST.year, case.town.now.year)
        together[case.town.now, case.town.holidays, 0 if is_old else case.first.year].append(case)
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
        return _differs(mutant, project, group)
    except (duckdb.Error, ValueError, KeyError, TypeError):
        return True
    finally:
        connection.execute("rollback")


def _differs(mutant: Mutant, project: CompiledProject, group: Group) -> bool:
    """Fill the changed model, then those that read what came out otherwise, until a compared one is seen."""
    if group.has_nothing_for(mutant.model, project):
        return False
    changed: set[str] = set()
    for model in compared_models(project):
        if model.name != mutant.model and not changed & set(model.depends_on):
            continue
        _fill(model, mutant, group.warehouse.connection)
        # A view holds nothing of its own: it says something else as soon as what it reads does.
        is_read_anew = model.materialized == "view" and model.name != mutant.model
        if is_read_anew or group.digest(model) != group.digests[model.name]:
            changed.add(model.name)
            if model.name in TARGETS and group.differs():
                return True
    return False


def _fill(model: CompiledModel, mutant: Mutant, connection: duckdb.DuckDBPyConnection) -> None:
    is_mutant = model.name == mutant.model
    if model.materialized == "view":
        if is_mutant:
            connection.execute(f"create or replace view {model.relation} as {mutant.sql}")
        return
    connection.execute(f"delete from {model.relation}")
    # What is not changed is planned once for all.
    connection.execute(f"insert into {model.relation} {mutant.sql}" if is_mutant else f"execute fill_{model.name}")


def compared_models(project: CompiledProject) -> tuple[CompiledModel, ...]:
    """Return the models that what is compared rests on, each after those it reads."""
    return project.needed_for(TARGETS)


def unseen_of(wanted: Sequence[Mutant], project: CompiledProject, compared: list[Group]) -> list[Mutant]:
    """Return the mutants that no group sees; the group that saw one is asked first of the next."""
    unseen = []
    for mutant in wanted:
        seer = next((group for group in compared if is_seen(mutant, project, group)), None)
        if seer is None:
            unseen.append(mutant)
        else:
            compared.sort(key=lambda group: group is not seer)
    return unseen


def explained() -> dict[str, str]:
    """Return why each listed constant can change and nothing else does, by `Mutant.constant`."""
    content: dict[str, list[dict[str, Any]]] = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8"))
    return {
        f"{model}: {constant}": reason["why"]
        for model, reasons in content.items()
        for reason in reasons
        for constant in reason["constants"]
    }


@dataclass
class Count:
    """What became of the constants of a model; `left` are those that nobody sees nor explains."""

    constants: int
    seen: int
    equivalent: int
    left: list[str]


def tried(wanted: Sequence[Mutant], unseen: Sequence[Mutant], reasons: Mapping[str, str]) -> Count:
    """Count the mutants of a model."""
    left = [str(mutant) for mutant in unseen if mutant.constant not in reasons]
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
        group.keep_unchanged(project)
    for model in project.models:
        if not model.name.startswith(MODELS) or not any(part in model.name for part in options.only):
            continue
        wanted = list(mutants(model))
        count = tried(wanted, unseen_of(wanted, project, compared), reasons)
        tell(model.name, count)
        bad += len(count.left)
        if options.json:
            keep(options.json, model.name, count)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
