"""`marelle school-year` and `marelle state-values` on a copy of the demo town."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from cli.main import app
from records.database import open_records
from records.models import ClassMembership
from tests.harness.demo_world import DemoWorld

Marelle = Callable[..., Any]
YEARS = ("2026-2027", "2027-2028")
LIMIT = "caf.alsh.age_limit_years"


@pytest.fixture
def marelle(demo_copy: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> Marelle:
    """Run a command in a copy of the demo town."""
    for name, value in demo_copy.env().items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def prepared(marelle: Marelle) -> Marelle:
    """The same, with the classes of the next school year and its calendar."""
    marelle("calendar", "import", "A", "--from", "2027-09-01", "--to", "2028-08-31")
    found = marelle(
        "school-year",
        "prepare",
        YEARS[1],
        "--like",
        YEARS[0],
        "--from",
        "2027-09-01",
        "--to",
        "2028-07-07",
        "--json",
    )
    assert found.exit_code == 0, found.stderr
    assert json.loads(found.stdout)["classes"] > 0
    return marelle


def classes(world: DemoWorld) -> int:
    """Return how many times somebody was put in a class."""
    records = open_records(world.url)
    with records.read() as session:
        count = len(session.scalars(select(ClassMembership.id)).all())
    records.close()
    return count


def test_a_dry_run_shows_who_goes_where_and_moves_nobody(prepared: Marelle, demo_copy: DemoWorld) -> None:
    before = classes(demo_copy)
    lines = json.loads(prepared("school-year", "roll-over", *YEARS, "--json").stdout)
    assert {line["outcome"] for line in lines} >= {"next", "leave"}
    assert all(line["to_school"] for line in lines if line["outcome"] == "next")
    told = prepared("school-year", "roll-over", *YEARS)
    assert told.exit_code == 0, told.stderr
    assert lines[0]["last_name"] in told.stdout
    assert classes(demo_copy) == before


def test_applying_seats_who_stays_and_is_the_same_twice(prepared: Marelle, demo_copy: DemoWorld) -> None:
    before = classes(demo_copy)
    lines = json.loads(prepared("school-year", "roll-over", *YEARS, "--json").stdout)
    leaver = next(line["person_ref"] for line in lines if line["outcome"] == "next")
    for line in lines:
        if line["comment"]:
            prepared("school-year", "decide", *YEARS, line["person_ref"], "leave")
    assert prepared("school-year", "decide", *YEARS, leaver, "leave").stdout == f"{leaver} part.\n"
    done = prepared("school-year", "roll-over", *YEARS, "--apply", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["seated"] + told["leaving"] == len(lines)
    assert classes(demo_copy) == before + told["seated"]
    assert json.loads(prepared("school-year", "roll-over", *YEARS, "--apply", "--json").stdout) == told


def test_nobody_moves_while_a_pupil_is_to_be_decided(prepared: Marelle, demo_copy: DemoWorld) -> None:
    before = classes(demo_copy)
    lines = json.loads(prepared("school-year", "roll-over", *YEARS, "--json").stdout)
    found = prepared("school-year", "roll-over", *YEARS, "--doubts", "--json")
    assert json.loads(found.stdout) == [line for line in lines if line["comment"]]
    assert prepared("school-year", "decide", *YEARS, lines[0]["person_ref"], "volent").exit_code == 2
    assert prepared("school-year", "decide", *YEARS, "inconnu", "leave").exit_code == 1
    assert classes(demo_copy) == before


def test_a_newer_state_value_is_entered_once_with_its_source(marelle: Marelle) -> None:
    entered = marelle("state-values", "enter", LIMIT, "7", "--from", "2099-01-01", "--source", "Circulaire")
    assert entered.exit_code == 0, entered.stderr
    found = json.loads(marelle("state-values", "list", LIMIT, "--json").stdout)
    assert [(each["valid_from"], each["value"]) for each in found if each["is_entered"]] == [("2099-01-01", 7)]
    past = marelle("state-values", "enter", LIMIT, "7", "--from", "2018-01-01", "--source", "Circulaire")
    assert past.exit_code == 1
    assert "une valeur passée ne se modifie pas" in past.stderr
    assert "Aucun paramètre" in marelle("state-values", "list", "lune").stdout
