"""The dbt project from Python: its identity, running it in this process, and its compiled SQL.

dbt writes nothing into the checkout and reaches no network: target, logs and the partial parse live in the
folder of the caller.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
import warnings
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from warehouse.columns import LOADED
from warehouse.errors import BuildFailed

PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"
DATABASE = "marelle"  # every compiled name begins with it, whatever the file is called
BUILD_FILE = f"{DATABASE}.duckdb"
_SOURCES = ("*.sql", "*.yml")
_INVOKING = threading.Lock()  # dbt keeps global state
_PARSING = threading.Lock()
_parsed: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """One model: where it lives, the select that makes it, and the models and raw tables that it reads.

    `driven_by` names, as its `meta` in the project does, the raw tables and models without which it has no row: one
    of each group has rows, or it has none. `never_null` are the columns that its contract says are known.
    """

    name: str
    schema: str
    materialized: str
    sql: str
    depends_on: tuple[str, ...]
    raw_tables: tuple[str, ...]
    driven_by: tuple[tuple[str, ...], ...]
    never_null: tuple[str, ...]

    @property
    def relation(self) -> str:
        """Return its qualified name, as other models write it."""
        return f'"{DATABASE}"."{self.schema}"."{self.name}"'

    def may_have_rows(self, with_rows: Container[str]) -> bool:
        """Return whether it may have one, of the raw tables and models that have."""
        return all(any(name in with_rows for name in group) for group in self.driven_by)


@dataclass(frozen=True, slots=True)
class CompiledTest:
    """A test of the data: the rows of its select are what is wrong. `model` is whose it is, None: of several."""

    name: str
    model: str | None
    sql: str


@dataclass(frozen=True, slots=True)
class CompiledProject:
    """All models, each after those it reads, and the tests that stop a build."""

    models_hash: str
    models: tuple[CompiledModel, ...]
    tests: tuple[CompiledTest, ...]

    def needed_for(self, names: Sequence[str]) -> tuple[CompiledModel, ...]:
        """Return the named models and all they rest on, each after those it reads."""
        by_name = {model.name: model for model in self.models}
        wanted: set[str] = set()
        pending = list(names)
        while pending:
            name = pending.pop()
            if name not in wanted:
                wanted.add(name)
                pending += by_name[name].depends_on
        return tuple(model for model in self.models if model.name in wanted)

    def raw_tables_of(self, names: Sequence[str]) -> frozenset[str]:
        """Return the raw tables that the named models rest on."""
        return frozenset(table for model in self.needed_for(names) for table in model.raw_tables)


@lru_cache(maxsize=1)
def models_hash() -> str:
    """Return the SHA-256 of everything that decides what the models compute from the same records."""
    digest = hashlib.sha256(repr(sorted(LOADED.items())).encode())
    for pattern in _SOURCES:
        for path in sorted(PROJECT.rglob(pattern)):
            digest.update(str(path.relative_to(PROJECT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def run_dbt(command: Sequence[str], work: Path, *, file: Path) -> Any:
    """Run one dbt command in this process on a DuckDB file, called `BUILD_FILE`; return dbt's result.

    Raises BuildFailed with the models and tests that failed.
    """
    return _invoke(command, work, file, parsed_project(work))


def parsed_project(folder: Path) -> Any:
    """Return dbt's manifest of the current models: known to this process, kept in the folder, or parsed now.

    Parsing takes longer than building a small town. dbt's own partial parse refuses another DuckDB file; what
    is parsed depends on the models and on dbt alone. Raises BuildFailed.
    """
    key = _parse_key()
    with _PARSING:
        if key not in _parsed:
            _parsed.clear()
            _parsed[key] = _read_or_parse(parsed_file(folder))
        return _parsed[key]


def parsed_file(folder: Path) -> Path:
    """Return where `parsed_project` keeps the current models in a folder."""
    return folder / f"parsed-{_parse_key()}.msgpack"


def _read_or_parse(kept: Path) -> Any:
    manifest = _read_parsed(kept)
    if manifest is None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="parsing-", dir=kept.parent) as aside:
            work = Path(aside)
            manifest = _invoke(["parse"], work, work / BUILD_FILE).result
            (work / "target" / "partial_parse.msgpack").replace(kept)
    return manifest


def _read_parsed(kept: Path) -> Any:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    try:
        manifest: Any = Manifest.from_msgpack(kept.read_bytes(), decoder=extended_mashumuro_decoder)
    except Exception:  # absent, or torn by a power cut: the decoder raises what it likes
        return None
    manifest.build_flat_graph()
    return manifest


def _parse_key() -> str:
    versions = [version(name) for name in ("dbt-core", "dbt-duckdb")]
    return hashlib.sha256(json.dumps([models_hash(), *versions]).encode()).hexdigest()[:16]


def _invoke(command: Sequence[str], work: Path, file: Path, manifest: Any = None) -> Any:
    from dbt.cli.main import dbtRunner

    arguments = [
        *command,
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(work / "target"), "--log-path", str(work / "logs")),
        *("--log-level", "none", "--log-level-file", "none", "--no-print", "--no-version-check"),
    ]
    with _INVOKING, _environment(file), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of dbt's own libraries; ours are errors in the tests
        try:
            result = dbtRunner(manifest).invoke(arguments)
        finally:
            _close_file()
    if not result.success:
        raise _failure(result)
    return result


def compiled_project(home_folder: Path) -> CompiledProject:
    """Return the compiled SQL of the current models, compiling once into the given folder when absent."""
    path = compiled_file(home_folder)
    if not path.exists():
        parsed_project(home_folder / "dbt")
        with tempfile.TemporaryDirectory(prefix="marelle-compile-") as work:
            result = run_dbt(["compile", "--quiet"], Path(work), file=Path(work) / BUILD_FILE)
        _save_compiled(home_folder, result.result)
    return _read_compiled(path)


def keep_models(source: Path, target: Path) -> None:
    """Copy the parsed and compiled models of one folder to another: what is built there then compiles nothing."""
    for kept in (parsed_file(source / "dbt"), compiled_file(source)):
        if kept.exists():
            copy = target / kept.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(kept, copy)


def compiled_file(home_folder: Path) -> Path:
    """Return where the compiled SQL of the current models is kept in a folder."""
    return home_folder / f"compiled-{models_hash()[:16]}" / "models-and-tests.json"


def _save_compiled(home_folder: Path, run_results: Any) -> None:
    """Keep the compiled SQL beside the snapshots, for builds and `warehouse.family`."""
    models = [asdict(model) for model in _in_order(_compiled_models(run_results))]
    tests = [asdict(test) for test in sorted(_compiled_tests(run_results), key=lambda test: test.name)]
    path = compiled_file(home_folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.new")
    temporary.write_text(json.dumps({"models": models, "tests": tests}, indent=1), encoding="utf-8")
    temporary.replace(path)


@lru_cache(maxsize=4)
def _read_compiled(path: Path) -> CompiledProject:
    content = json.loads(path.read_text(encoding="utf-8"))
    models = tuple(
        CompiledModel(
            model["name"],
            model["schema"],
            model["materialized"],
            model["sql"],
            tuple(model["depends_on"]),
            tuple(model["raw_tables"]),
            tuple(map(tuple, model["driven_by"])),
            tuple(model["never_null"]),
        )
        for model in content["models"]
    )
    return CompiledProject(models_hash(), models, tuple(CompiledTest(**test) for test in content["tests"]))


def _compiled_models(run_results: Any) -> Iterator[CompiledModel]:
    for outcome in run_results.results:
        node = outcome.node
        if node.resource_type == "model":
            yield CompiledModel(
                node.name,
                node.schema,
                node.config.materialized,
                node.compiled_code,
                tuple(_names(node.depends_on.nodes, "model.")),
                tuple(_names(node.depends_on.nodes, "source.")),
                tuple((named,) if isinstance(named, str) else tuple(named) for named in _driven_by(node)),
                tuple(column.name for column in node.columns.values() if _is_never_null(column)),
            )


def _driven_by(node: Any) -> Sequence[str | Sequence[str]]:
    named: Sequence[str | Sequence[str]] = node.config.meta.get("driven_by", ())
    return named


def _is_never_null(column: Any) -> bool:
    return any(constraint.type == "not_null" for constraint in column.constraints)


def _compiled_tests(run_results: Any) -> Iterator[CompiledTest]:
    """Yield the tests of which a row is an error: those that only warn tell people, not a build."""
    for outcome in run_results.results:
        node = outcome.node
        if node.resource_type == "test" and node.config.severity.lower() == "error":
            attached = getattr(node, "attached_node", None)
            yield CompiledTest(node.name, attached and attached.rsplit(".", 1)[1], node.compiled_code)


def _names(unique_ids: Iterable[str], kind: str) -> Iterator[str]:
    return (unique_id.rsplit(".", 1)[1] for unique_id in unique_ids if unique_id.startswith(kind))


def _in_order(models: Iterator[CompiledModel]) -> Iterator[CompiledModel]:
    """Yield each model after those it reads, always in the same order."""
    waiting = {model.name: model for model in models}
    done: set[str] = set()
    while waiting:
        ready = sorted(name for name, model in waiting.items() if done.issuperset(model.depends_on))
        for name in ready:
            yield waiting.pop(name)
        done.update(ready)


@contextmanager
def _environment(file: Path) -> Iterator[None]:
    wanted: Mapping[str, str] = {
        "DBT_DO_NOT_TRACK": "1",
        "DO_NOT_TRACK": "1",
        "MARELLE_WAREHOUSE_FILE": str(file),
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _close_file() -> None:
    """Make dbt-duckdb let go of the file, which it keeps open for the next command of the process."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager.env().close()
        DuckDBConnectionManager.close_all_connections()


def _failure(result: Any) -> BuildFailed:
    failed = [
        f"{outcome.node.name} : {(outcome.message or outcome.status).strip()}"
        for outcome in getattr(result.result, "results", None) or []
        if outcome.status in ("error", "fail", "runtime error")
    ]
    return BuildFailed.of(failed or [str(result.exception)])
