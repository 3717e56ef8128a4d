"""Commands that read: tables for people, exact JSON for programs, a French line when something is missing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.harness.demo_world import DemoWorld
from warehouse.reader import open_snapshot

Marelle = Callable[..., Any]
LINES = "select line_key, service_ref, day, amount from fct_priced_lines"


@pytest.fixture
def marelle(demo_world: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> Marelle:
    """Run a command in the shared demo town."""
    for name, value in demo_world.env().items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Marelle:
    """Run a command where there is no collectivity."""
    monkeypatch.setenv("MARELLE_HOME", str(tmp_path / "nothing"))
    monkeypatch.delenv("MARELLE_DATABASE_URL", raising=False)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def rows(marelle: Marelle, *arguments: object) -> list[dict[str, Any]]:
    found = marelle(*arguments, "--json")
    assert found.exit_code == 0, found.stderr
    parsed: list[dict[str, Any]] = json.loads(found.stdout)
    return parsed


# -------------------------------------------------------------------------------------------------- query


def test_query_gives_an_array_of_objects(marelle: Marelle) -> None:
    found = rows(marelle, "query", f"{LINES} where service_ref = 'cantine' and amount > 0 limit 3")
    assert len(found) == 3
    assert found[0].keys() == {"line_key", "service_ref", "day", "amount"}
    assert {Decimal(str(row["amount"])) for row in found} <= {Decimal("2.80"), Decimal("2.20"), Decimal("5.00")}


def test_query_amounts_lose_no_cent(marelle: Marelle, demo_world: DemoWorld) -> None:
    exact = open_snapshot(demo_world.home).sql("select sum(amount) as total from fct_priced_lines").to_pylist()[0]
    assert (
        Decimal(str(rows(marelle, "query", "select sum(amount) as total from fct_priced_lines")[0]["total"]))
        == (exact["total"])
    )


def test_query_writes_csv_with_a_header(marelle: Marelle) -> None:
    found = marelle("query", "--csv", "select service_ref, count(*) as n from fct_stays group by 1 order by 1")
    parsed = list(csv.DictReader(io.StringIO(found.stdout)))
    assert parsed[0]["service_ref"] == "cantine"
    assert all(int(row["n"]) > 0 for row in parsed)


def test_query_draws_a_table_that_is_never_cut_in_a_pipe(marelle: Marelle) -> None:
    found = marelle("query", f"select repeat('x', 300) as wide, * from ({LINES} limit 1)")
    assert "x" * 300 in found.stdout
    assert "…" not in found.stdout


def test_query_refuses_to_write(marelle: Marelle) -> None:
    found = marelle("query", "delete from fct_stays")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "SELECT" in found.stderr


def test_query_tells_a_mistake_without_a_traceback(marelle: Marelle) -> None:
    found = marelle("query", "select no_such_column from fct_stays")
    assert found.exit_code == 1
    assert "no_such_column" in found.stderr
    assert "Traceback" not in found.stderr


def test_query_wants_one_format(marelle: Marelle) -> None:
    found = marelle("query", "--json", "--csv", "select 1")
    assert found.exit_code == 2
    assert "pas les deux" in found.stderr


# ----------------------------------------------------------------------------------------------- kitchen, CAF


def test_meals_forecast_says_how_many_and_why(marelle: Marelle) -> None:
    found = rows(marelle, "meals", "forecast", "--from", "2026-11-23", "--days", 5)
    assert {row["day"] for row in found} >= {"2026-11-23", "2026-11-24", "2026-11-26", "2026-11-27"}
    assert all(row["planned"] >= 0 and row["reason"] for row in found)


def test_meals_forecast_keeps_to_one_structure(marelle: Marelle) -> None:
    found = rows(marelle, "meals", "forecast", "--from", "2026-11-23", "--structure", "tilleuls")
    assert {row["structure_ref"] for row in found} == {"tilleuls"}


def test_meals_forecast_reads_in_french(marelle: Marelle) -> None:
    found = marelle("meals", "forecast", "--from", "2026-11-23", "--days", 1)
    assert "lundi 23 novembre" in found.stdout
    assert "viennent" in found.stdout


def test_meals_forecast_of_a_closed_day_says_so(marelle: Marelle) -> None:
    found = marelle("meals", "forecast", "--from", "2026-11-22", "--days", 1)
    assert found.exit_code == 0
    assert "Aucun repas" in found.stdout


def test_caf_hours_are_those_of_the_mart(marelle: Marelle, demo_world: DemoWorld) -> None:
    found = rows(marelle, "caf", "hours", "--from", "2026-10", "--to", "2026-10")
    query = "select sum(hours) as h from fct_caf_hours where month = date '2026-10-01'"
    mart = open_snapshot(demo_world.home).sql(query)
    assert sum(Decimal(str(row["hours"])) for row in found) == mart.to_pylist()[0]["h"]


def test_caf_hours_name_age_and_regime(marelle: Marelle) -> None:
    found = marelle("caf", "hours", "--from", "2026-10", "--to", "2026-10")
    assert "octobre 2026" in found.stdout
    assert "moins de 6 ans" in found.stdout


def test_a_month_that_does_not_exist_is_refused(marelle: Marelle) -> None:
    found = marelle("caf", "hours", "--from", "2026-13")
    assert found.exit_code == 2
    assert "AAAA-MM" in found.stderr


# -------------------------------------------------------------------------------------------- explanations


def test_a_line_is_explained_down_to_its_taps(marelle: Marelle) -> None:
    tapped = "select child_id, service_id, day from fct_taps group by all having count(*) = 2"
    care = (
        f"{LINES} semi join ({tapped}) using (child_id, service_id, day) "
        "where service_ref = 'garderie-soir' and amount is not null limit 1"
    )
    line_key = rows(marelle, "query", care)[0]["line_key"]
    found = marelle("invoices", "explain", line_key)
    assert found.exit_code == 0, found.stderr
    assert "Arrivée à" in found.stdout
    assert "Départ à" in found.stdout
    assert "Délibération" in found.stdout


def test_a_line_is_explained_to_programs_too(marelle: Marelle) -> None:
    line_key = rows(marelle, "query", f"{LINES} where kind = 'meal' limit 1")[0]["line_key"]
    found = marelle("invoices", "explain", line_key, "--json")
    parsed = json.loads(found.stdout)
    assert parsed["line_key"] == line_key
    assert parsed["explanation"]


def test_an_unknown_line_is_refused(marelle: Marelle) -> None:
    found = marelle("invoices", "explain", "no·such·line")
    assert found.exit_code == 1
    assert "Aucune ligne" in found.stderr


# ------------------------------------------------------------------------------------------------ the records


def test_devices_are_listed(marelle: Marelle) -> None:
    found = rows(marelle, "devices", "list")
    assert {row["device_ref"] for row in found} >= {"borne-tilleuls", "tablette-tilleuls", "borne-clairiere"}
    assert all(row["enrolled_at"] for row in found)


def test_devices_show_french_dates_of_the_town(marelle: Marelle) -> None:
    found = marelle("devices", "list")
    assert "en service" in found.stdout
    assert "20/11/2026" in found.stdout


def test_every_tariff_of_the_demo_is_whole(marelle: Marelle) -> None:
    found = marelle("tariffs", "check", "--on", "2026-11-20")
    assert found.exit_code == 0
    assert "✓" in found.stdout


# ------------------------------------------------------------------------------------------------ nothing here


@pytest.mark.parametrize(
    "arguments",
    [
        ("devices", "list"),
        ("tariffs", "check", "--on", "2026-11-20"),
        ("warehouse", "build"),
        ("calendar", "import", "A", "--from", "2026-09-01", "--to", "2027-08-31"),
    ],
)
def test_without_data_a_command_says_what_to_do(nowhere: Marelle, arguments: tuple[str, ...]) -> None:
    found = nowhere(*arguments)
    assert found.exit_code == 1
    assert "marelle demo" in found.stderr
    assert "Traceback" not in found.stderr


def test_without_figures_a_command_says_what_to_do(nowhere: Marelle) -> None:
    found = nowhere("query", "select 1")
    assert found.exit_code == 1
    assert "marelle warehouse build" in found.stderr


def test_a_reading_command_creates_nothing(nowhere: Marelle, tmp_path: Path) -> None:
    nowhere("devices", "list")
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer_is_named(nowhere: Marelle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARELLE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    found = nowhere("devices", "list")
    assert found.exit_code == 1
    assert "ne répond pas" in found.stderr
    assert "nobody" not in found.stderr
