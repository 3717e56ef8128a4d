"""`marelle quotients` on a copy of the demo town, which finds its stand-in by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cli.settings
from cli.main import app
from records.actors import SETUP
from records.database import Records
from records.operations.family_facts import NewQf, add_qf
from tests.harness.demo_world import DemoWorld

Marelle = Callable[..., Any]
INCOME = ("--income", "31200,00", "--year", "2024", "--adults", "2", "--children", "2", "--benefits", "148,52")
FORMULA = """
valid_from = 2026-09-01
decision = "Délibération d'essai"
form = "tax_parts"
abatement_e4 = 1000
counts_benefits = true
"""


@pytest.fixture
def marelle(demo_copy: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> Marelle:
    """Run a command in a copy of the demo town, on the day on which the town is looked at."""

    @contextmanager
    def records_here() -> Iterator[Records]:
        records = demo_copy.open()
        yield records
        records.close()

    for name, value in demo_copy.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cli.settings, "records_here", records_here)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_demo_town_refreshes_its_quotients_out_of_the_box(marelle: Marelle) -> None:
    result = json.loads(marelle("quotients", "refresh", "--json").stdout)
    assert result["month"] == "2026-11"
    assert result["found"] > 20
    assert result["not_found"] > 0
    assert result["unanswered"] == 0
    told = plain(marelle("quotients", "refresh").stdout)
    assert told.startswith("Novembre 2026 : ")
    assert "L'ancien QF reste en vigueur" in told


def test_what_a_refresh_brought_is_shown_with_its_proof(marelle: Marelle) -> None:
    marelle("quotients", "refresh")
    shown = json.loads(marelle("quotients", "show", "F0001", "--json").stdout)
    found = [answer for answer in shown["answers"] if answer["outcome"] == "found"]
    assert len(found[0]["sha256"]) == 64
    assert found[0]["value"] == next(qf["value"] for qf in shown["qfs"] if qf["qf_id"] == found[0]["qf_id"])


def test_a_qf_is_computed_explained_and_added(marelle: Marelle) -> None:
    made = marelle("quotients", "compute", "F0001", *INCOME)
    assert made.exit_code == 0, made.stderr
    assert "QF calculé : 916,00" in plain(made.stdout)
    assert "2 748,52 € ÷ 3" in plain(made.stdout)
    shown = json.loads(marelle("quotients", "show", "F0001", "--json").stdout)
    assert (shown["qfs"][0]["value"], shown["qfs"][0]["source"]) == (916, "computed")
    assert shown["calculations"][0]["result"] == 916


def test_a_trial_changes_nothing(marelle: Marelle) -> None:
    before = json.loads(marelle("quotients", "show", "F0001", "--json").stdout)["qfs"]
    assert "QF essayé" in marelle("quotients", "compute", "F0001", *INCOME, "--trial").stdout
    assert json.loads(marelle("quotients", "show", "F0001", "--json").stdout)["qfs"] == before


def test_origins_that_differ_are_listed_side_by_side(marelle: Marelle, demo_copy: DemoWorld) -> None:
    records = demo_copy.open()
    for value, source in ((50_000, "caf"), (60_000, "msa")):
        add_qf(records, SETUP, "F0001", NewQf(value, source, demo_copy.today))
    records.close()
    rows = json.loads(marelle("quotients", "differences", "--json").stdout)
    assert [row["values"] for row in rows if row["family_ref"] == "F0001"] == [
        [{"source": "msa", "value": 600}, {"source": "caf", "value": 500}]
    ]
    assert "MSA 600,00, CAF 500,00" in plain(marelle("quotients", "differences").stdout)
    assert "Deux origines diffèrent" in plain(marelle("quotients", "show", "F0001").stdout)


def test_a_formula_is_published_from_a_file_and_used(marelle: Marelle, tmp_path: Path) -> None:
    path = tmp_path / "formule.toml"
    path.write_text(FORMULA, encoding="utf-8")
    assert "abattement 10,00 %" in plain(marelle("quotients", "formula", "--publish", path).stdout)
    made = marelle("quotients", "compute", "F0001", *INCOME, "--tax-parts", "3", "--json")
    assert json.loads(made.stdout)["result"] == 829.51


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("compute", "F0001", *INCOME[2:], "--income", "beaucoup"), 2, "deux décimales"),
        (("compute", "F9999", *INCOME), 1, "F9999"),
        (("compute", "F0001", *INCOME, "--tax-parts", "3"), 1, "ne donnez pas celles de l'avis"),
        (("compute", "F0001", *INCOME, "--from", "2001-01-01"), 1, "Aucune formule"),
        (("refresh", "--month", "novembre"), 2, "AAAA-MM"),
        (("refresh", "--month", "2027-01"), 1, "n'a pas commencé"),
        (("formula", "--publish", "absent.toml"), 1, "ne décrit pas une formule"),
        (("show", "F9999"), 1, "F9999"),
    ],
)
def test_what_cannot_be_is_refused_in_words(marelle: Marelle, words: tuple[str, ...], code: int, told: str) -> None:
    found = marelle("quotients", *words)
    assert found.exit_code == code
    assert told in plain(found.stderr)


def test_without_a_configured_access_the_command_says_where_to_write_it(
    marelle: Marelle, demo_copy: DemoWorld
) -> None:
    (demo_copy.home / "api-particulier.toml").unlink()
    found = marelle("quotients", "refresh")
    assert found.exit_code == 1
    assert "api-particulier.toml" in found.stderr
