"""The dbt project by itself: its own unit tests and data tests pass, and its house rules hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.harness.memory_warehouse import MemoryWarehouse
from tests.harness.models import share_models
from tests.sql.built import AS_OF, make_home
from warehouse import project as project_module
from warehouse.columns import LOADED
from warehouse.fed import REFERENCE_TABLES
from warehouse.load import load
from warehouse.project import (
    BUILD_FILE,
    PROJECT,
    CompiledModel,
    CompiledProject,
    parsed_file,
    parsed_project,
    run_dbt,
)
from warehouse.raw import BUILD_DAYS, BUILD_MOMENT, KEPT, NATIONAL_PARAMETER, OPEN_HOLE, raw_types

PREFIXES = {"staging": ("stg_records__",), "intermediate": ("int_",), "marts": ("fct_",)}
UNIT_TESTED_FOLDERS = {"attendance", "calendar", "caf", "meals", "pricing"}


@dataclass(frozen=True)
class Project:
    """dbt's own reading of the project, and a file built with it."""

    manifest: Any
    file: Path
    work: Path

    @property
    def models(self) -> list[Any]:
        """All models."""
        return [node for node in self.manifest.nodes.values() if node.resource_type == "model"]

    def layer(self, node: Any) -> str:
        """Return staging, intermediate or marts."""
        return str(node.path).split("/", 1)[0]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    work = tmp_path_factory.mktemp("dbt")
    url, records = make_home(work / "home", 6)
    file = work / BUILD_FILE
    load(url, file, AS_OF, lambda table: None)
    manifest = run_dbt(["parse"], work / "dbt", file=file).result
    run_dbt(["run"], work / "dbt", file=file)
    yield Project(manifest, file, work / "dbt")
    records.close()


def test_a_torn_file_of_the_parsed_project_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    share_models(tmp_path)
    kept = parsed_file(tmp_path / "warehouse" / "dbt")
    whole = kept.stat().st_size
    kept.write_bytes(kept.read_bytes()[: whole // 2])
    monkeypatch.setattr(project_module, "_parsed", {})
    assert [name for name in parsed_project(kept.parent).nodes if name.endswith(".fct_priced_lines")]
    assert kept.stat().st_size > whole // 2


def test_unit_tests_of_the_models_pass(project: Project) -> None:
    outcome = run_dbt(["test", "--select", "test_type:unit"], project.work, file=project.file)
    assert len(outcome.result.results) >= 11


def test_data_tests_pass_on_random_towns(project: Project) -> None:
    outcome = run_dbt(["test", "--select", "test_type:data"], project.work, file=project.file)
    assert len(outcome.result.results) >= len(project.models)


def test_each_pricing_attendance_caf_and_meal_folder_has_unit_tests(project: Project) -> None:
    tested = {Path(test.original_file_path).parent.name for test in project.manifest.unit_tests.values()}
    assert tested >= UNIT_TESTED_FOLDERS


def test_models_are_named_by_their_folder(project: Project) -> None:
    for node in project.models:
        parts = Path(node.path).parts
        assert node.name.startswith(PREFIXES[parts[0]]), node.name
        if parts[0] == "intermediate":
            assert node.name.startswith(f"int_{parts[1]}__"), node.name


def test_sources_are_read_in_staging_only_and_staging_reads_nothing_else(project: Project) -> None:
    for node in project.models:
        reads_source = any(name.startswith("source.") for name in node.depends_on.nodes)
        reads_model = any(name.startswith("model.") for name in node.depends_on.nodes)
        assert reads_source == (project.layer(node) == "staging"), node.name
        assert reads_model == (project.layer(node) != "staging"), node.name


def test_no_mart_is_read_by_a_model_but_by_another_that_is_a_view_of_it(project: Project) -> None:
    for node in project.models:
        if project.layer(node) == "marts" and node.config.materialized == "view":
            continue
        assert not [name for name in node.depends_on.nodes if ".fct_" in name], node.name


def test_every_model_and_column_is_described_and_nothing_else_is(project: Project) -> None:
    with duckdb.connect(str(project.file), read_only=True) as connection:
        rows = connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema <> 'raw'"
        ).fetchall()
    for node in project.models:
        built = {column for table, column in rows if table == node.name}
        assert {column.name for column in node.columns.values() if column.description} == built, node.name


def test_each_description_begins_with_the_grain(project: Project) -> None:
    for node in project.models:
        assert re.match(r"One row( per |: )", node.description), node.name


def test_each_model_has_its_key_tested(project: Project) -> None:
    tested = {
        node.attached_node
        for node in project.manifest.nodes.values()
        if getattr(getattr(node, "test_metadata", None), "name", None) == "grain"
    }
    # A tap that brings nobody has no child: its grain is held by every_tap_counts_once.
    untested = {node.name for node in project.models if node.unique_id not in tested}
    assert untested == {"int_attendance__taps_resolved"}


def test_contracts_of_the_marts_are_enforced(project: Project) -> None:
    for node in project.models:
        assert node.config.contract.enforced == (project.layer(node) == "marts"), node.name


def test_money_hours_and_counts_are_never_floating(project: Project) -> None:
    with duckdb.connect(str(project.file), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name, data_type from information_schema.columns "
            "where table_schema not in ('raw', 'forecast')"  # a forecast is statistics
        ).fetchall()
    assert [row for row in columns if "DOUBLE" in row[2] or "FLOAT" in row[2]] == []
    kinds = {(table, column): kind for table, column, kind in columns}
    assert kinds["fct_priced_lines", "amount"] == "DECIMAL(12,2)"
    assert kinds["int_pricing__priced", "unit_price"] == "DECIMAL(24,12)"
    assert kinds["fct_caf_hours", "hours"] == "DECIMAL(12,2)"


def test_sources_are_the_allow_list_of_the_load(project: Project) -> None:
    declared = {source.name: list(source.columns) for source in project.manifest.sources.values()}
    made = (BUILD_DAYS, BUILD_MOMENT, *KEPT.values(), OPEN_HOLE, NATIONAL_PARAMETER)
    own = {name: list(raw_types(name)) for name in made}
    assert declared == {**{table: list(columns) for table, columns in LOADED.items()}, **own}
    for source in project.manifest.sources.values():
        assert all(column.description for column in source.columns.values()), source.name


def test_every_loaded_column_is_read_by_staging() -> None:
    staging = {path.name: path.read_text() for path in (PROJECT / "models" / "staging").glob("*.sql")}
    for table, columns in LOADED.items():
        readers = "\n".join(text for text in staging.values() if f"'{table}')" in text)
        for column in columns:
            assert re.search(rf"\b{column}\b", readers), f"{table}.{column}"


def test_pricing_models_read_a_family_and_reference_data_alone(compiled: CompiledProject) -> None:
    of_everybody = {"tap_quarantine", "structure_capacity"}
    assert not compiled.raw_tables_of(["fct_priced_lines"]) & of_everybody
    assert compiled.raw_tables_of(["fct_priced_lines"]) >= {"tap", "qf", "tariff_rule", BUILD_MOMENT}
    # The calendar is the town's: it is computed once for many families.
    assert compiled.raw_tables_of(["int_calendar__service_days"]) <= REFERENCE_TABLES


def test_a_model_said_to_be_driven_by_others_is_empty_without_them(compiled: CompiledProject) -> None:
    driven = [model for model in compiled.models if model.driven_by]
    assert {model.name for model in driven} >= {"int_attendance__decisions", "int_pricing__span_payers"}
    from tests.oracles.random_towns import FIRST, LAST, TownMaker
    from tests.sql.town_rows import pack

    towns = pack([TownMaker(seed).town() for seed in range(10)], FIRST, LAST).rows
    relations = {model.name: model.relation for model in compiled.models}
    warehouse = MemoryWarehouse(compiled, [model.name for model in driven])
    for group in {group for model in driven for group in model.driven_by}:
        without = [name for name in group if name not in relations]
        with warehouse.filled({**towns, **dict.fromkeys(without, ())}) as connection:
            for name in (set(group) & relations.keys()) | emptied_by(group, driven):
                connection.execute(f"delete from {relations[name]}")
            for model in (model for model in driven if group in model.driven_by):
                found = connection.execute(f"select count(*) from ({model.sql})").fetchall()
                assert found == [(0,)], (model.name, group)


def emptied_by(group: tuple[str, ...], driven: list[CompiledModel]) -> set[str]:
    """Return the models said to have no row when none of the group has one."""
    empty = set(group)
    others = {name for model in driven for each in model.driven_by for name in each} - empty
    for model in driven:
        if not model.may_have_rows(others - empty):
            empty.add(model.name)
    return empty & {model.name for model in driven}


def test_what_differs_between_engines_lives_in_its_macros() -> None:
    duckdb_only = re.compile(
        r"\b(arg_max|arg_min|list_transform|string_agg|unnest|generate_series|isodow|date_diff|epoch_us"
        r"|make_timestamp|at time zone|exclude|qualify|date_part|strftime)\b|//"
    )
    for path in (PROJECT / "models").rglob("*.sql"):
        code = re.sub(r"--.*", "", path.read_text())
        assert not duckdb_only.search(code), f"{path.name}: {duckdb_only.search(code)}"


def test_price_formulas_live_in_their_macros() -> None:
    rounding = re.compile(r"\b(round|ceil|floor)\s*\(")
    for path in (PROJECT / "models").rglob("*.sql"):
        assert not rounding.search(path.read_text()), path.name
