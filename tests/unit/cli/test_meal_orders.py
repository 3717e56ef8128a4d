"""`marelle meals order`, `backtest`, `menus` and `settings` on the demo town."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from domain.french import NBSP
from tests.harness.demo_world import DemoWorld

Marelle = Callable[..., Any]
SETTINGS = (
    "--supplier",
    "Cuisine centrale",
    "--decision",
    "Marché 4",
    "--from",
    "2026-09-01",
    "--waste-cost",
    "3,00",
)


@pytest.fixture
def marelle(demo_copy: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> Marelle:
    """Run a command in a demo town of one's own."""
    for name, value in demo_copy.env().items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_week_is_proposed_recorded_and_sent_once(marelle: Marelle) -> None:
    address = ("--mail", "commandes@cuisine.example")
    assert marelle("meals", "settings", *SETTINGS, "--lack-cost", "9,00", "--pack", 5, *address).exit_code == 0
    assert marelle("warehouse", "build", "--full").exit_code == 0
    first = ("meals", "order", "--days", 7)
    proposed = json.loads(marelle(*first, "--json").stdout)
    assert {row["ordered"] for row in proposed} == {None}
    assert all(row["quantity"] % 5 == 0 for row in proposed)
    done = marelle(*first, "--record", "--send", "--json")
    assert done.exit_code == 0, done.stderr
    firm = [row for row in json.loads(done.stdout) if row["horizon"] == "firm"]
    assert firm
    assert all(row["ordered"] == row["quantity"] for row in firm)
    assert "Cuisine centrale" in done.stderr
    assert "rien n'est renvoyé" in marelle(*first, "--send", "--json").stderr


def test_a_cost_that_is_no_number_is_refused(marelle: Marelle) -> None:
    found = marelle("meals", "settings", *SETTINGS, "--lack-cost", "beaucoup")
    assert found.exit_code == 1
    assert "n'est pas un nombre" in found.stderr


def test_the_past_is_replayed_beside_the_simple_rule(marelle: Marelle) -> None:
    found = json.loads(marelle("meals", "backtest", "--json").stdout)
    ways = {row["way"]: row for row in found}
    assert ways.keys() == {"forecast", "simple_rule", "forecast_where_ordered", "ordered"}
    assert float(ways["ordered"]["bias"]) > 0
    assert ways["forecast"]["days"] == ways["simple_rule"]["days"] > 0
    assert float(ways["forecast"]["error"]) < 25
    told = marelle("meals", "backtest")
    assert "règle simple" in told.stdout
    assert "Qui répond." in told.stderr
    delays = json.loads(marelle("meals", "backtest", "--delays", "--json").stdout)
    assert [row["delay_days"] for row in delays] == [1, 7, 21, 42]


def test_menus_of_a_file_are_written_and_a_wrong_line_is_named(marelle: Marelle, tmp_path: Path) -> None:
    good = tmp_path / "menus.csv"
    good.write_text("jour;menu;plat\n2026-11-30;Colin;Poisson\n2026-12-01;Gratin;végétarien\n", encoding="utf-8")
    assert f"2{NBSP}menus enregistrés sur 2" in marelle("meals", "menus", good).stdout
    assert f"0{NBSP}menu enregistré sur 2" in marelle("meals", "menus", good).stdout
    for line, said in (("30/11;Colin;poisson", "écrivez le jour"), ("2026-11-30;Colin;requin", "plat inconnu")):
        wrong = tmp_path / "faux.csv"
        wrong.write_text(f"jour;menu;plat\n{line}\n", encoding="utf-8")
        found = marelle("meals", "menus", wrong)
        assert found.exit_code == 1
        assert "Ligne 2" in found.stderr
        assert said in found.stderr
    assert "n'existe pas" in marelle("meals", "menus", tmp_path / "rien.csv").stderr


def test_a_strike_through_which_the_canteen_serves_is_recorded_and_taken_back_once(marelle: Marelle) -> None:
    strike = ("calendar", "event", "greve", "--label", "Grève", "--from", "2026-12-03", "--kind", "grève-assurée")
    done = marelle(*strike)
    assert (done.exit_code, "enregistré du jeudi 3 décembre 2026" in done.output) == (0, True)
    assert marelle(*strike).exit_code != 0
    assert "Événement annulé." in marelle("calendar", "event-cancel", "greve").output
    assert "déjà annulé" in marelle("calendar", "event-cancel", "greve").output
