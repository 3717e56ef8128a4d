"""What a build keeps in memory: each table until the last model has read it, through views too."""

from __future__ import annotations

from warehouse.compute import _with_last_reads
from warehouse.project import CompiledModel, CompiledProject


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
