"""`marelle tariffs simulate` on the demo town."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.harness.demo_world import DemoWorld


@pytest.fixture(autouse=True)
def in_the_demo(demo_copy: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run commands in a copy of the demo town."""
    for name, value in demo_copy.env().items():
        monkeypatch.setenv(name, value)


def test_published_tariff_replayed_changes_nothing_and_gives_its_families_as_a_file(
    demo_world: DemoWorld, tmp_path: Path
) -> None:
    start = demo_world.today.year - (demo_world.today.month < 9)
    year, file = f"{start}-{start + 1}", tmp_path / "familles.csv"
    asked = ["tariffs", "simulate", "--tariff", "tarif-cantine", "--year", year]
    found = CliRunner().invoke(app, [*asked, "--json", "--csv", str(file)])
    assert found.exit_code == 0, found.stderr
    answer = json.loads(found.stdout)
    assert answer["now"] == answer["then"] > 0
    assert answer["winners"] == answer["losers"] == 0
    assert len(answer["deciles"]) >= 10
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 1 + len(answer["families"])
    told = CliRunner().invoke(app, asked)
    assert "aurait rapporté autant" in told.stdout.replace("\u00a0", " ")


def test_neither_file_nor_tariff_is_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["tariffs", "simulate", "--year", "2025-2026"]).exit_code == 2
