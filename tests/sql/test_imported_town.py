"""The demo town, exported then imported elsewhere: the same files, and the same lines, meals and CAF hours."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.actors import SETUP
from records.database import open_records, records_url
from records.operations.town_export import export_collectivity
from records.operations.town_import import import_collectivity
from tests.factories.databases import empty_home
from tests.harness.demo_world import DemoWorld
from tests.harness.models import publish_without_dbt
from warehouse.reader import open_snapshot

FIGURES = (
    "select * from fct_priced_lines order by line_key",
    "select * from fct_meals order by all",
    "select * from fct_caf_hours order by all",
)


@pytest.fixture
def moved(demo_copy: DemoWorld, tmp_path: Path) -> Path:
    """The home of a town loaded from what another exported; the exports lie beside, `out` then `again`."""
    home = tmp_path / "moved"
    empty_home(home)
    records = demo_copy.open()
    export_collectivity(records, SETUP, tmp_path / "out")
    records.close()
    records = open_records(records_url(home), lambda: demo_copy.now)
    report = import_collectivity(records, SETUP, tmp_path / "out")
    assert (report.faults, report.is_written) == ((), True)
    export_collectivity(records, SETUP, tmp_path / "again")
    records.close()
    return home


def test_a_town_that_moves_keeps_its_files_and_its_figures(
    demo_copy: DemoWorld, moved: Path, tmp_path: Path
) -> None:
    out = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == out
    assert out["pointages.csv"].count(b"\n") > 100
    publish_without_dbt(moved, records_url(moved), demo_copy.now)
    before, after = open_snapshot(demo_copy.home), open_snapshot(moved)
    for query in FIGURES:
        expected = before.sql(query).to_pylist()
        assert expected
        assert after.sql(query).to_pylist() == expected
