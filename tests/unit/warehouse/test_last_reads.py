"""What a build keeps in memory: each table until the last model has read it, through views too."""

from __future__ import annotations

from warehouse.compute import _with_last_reads
from warehouse.project import CompiledModel, CompiledProject, CompiledTest


def a_model(name: str, *reads: str, materialized: str = "table") -> CompiledModel:
    """Return a model of the intermediate schema."""
    return CompiledModel(name, "intermediate", materialized, "select 1", reads, (), (), ())


def test_a_table_that_a_view_reads_is_dropped_once_what_reads_the_view_is_made() -> None:
    models = (
        a_model("days"),
        a_model("units", "days", materialized="view"),
        a_model("others"),
        a_model("lines", "units"),
    )
    dropped = {model.name: left for model, left in _with_last_reads(CompiledProject("", models, ()))}
    days, others, lines = (models[place].relation for place in (0, 2, 3))
    assert dropped == {"days": [], "units": [], "others": [others], "lines": [days, lines]}


def test_a_table_whose_own_key_our_tests_hold_is_dropped_and_one_that_the_build_asks_is_not() -> None:
    models = (a_model("days"), a_model("stays"), a_model("lines", "days", "stays"))
    days, stays, lines = (model.relation for model in models)
    tests = (
        CompiledTest("grain_days", "days", f"select day from {days} group by day having count(*) > 1"),
        CompiledTest("every_stay_counts", None, f"select * from {stays} where not counts"),
    )
    dropped = {model.name: left for model, left in _with_last_reads(CompiledProject("", models, tests))}
    assert dropped == {"days": [], "stays": [], "lines": [days, lines]}


def test_what_reads_a_table_last_comes_before_what_makes_another() -> None:
    models = (a_model("days"), a_model("babies"), a_model("stays", "days"), a_model("units", "babies", "stays"))
    assert [model.name for model, _ in _with_last_reads(CompiledProject("", models, ()))] == [
        "days",
        "stays",
        "babies",
        "units",
    ]
