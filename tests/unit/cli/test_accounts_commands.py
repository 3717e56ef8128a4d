"""`marelle init` and `marelle accounts`: from an empty folder to a person who logs in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from records.actors import Right
from records.database import open_records, records_url
from records.operations.accounts import log_in
from records.operations.rights import matrix
from tests.factories.databases import empty_home

Marelle = Callable[..., Any]
PASSWORD = "un-cerisier-sous-la-pluie"
INIT = ("init", "Val-d'Orme", "--zone", "a", "--contact", "mairie@exemple.fr")
CHIEF = ("--admin", "S.Roux", "--admin-name", "Sophie Roux", "--json")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder whose records are migrated and empty: tests/unit/cli/test_preparation.py begins with nothing."""
    empty_home(tmp_path / "ville")
    return tmp_path / "ville"


@pytest.fixture
def marelle(home: Path, monkeypatch: pytest.MonkeyPatch) -> Marelle:
    """Run a command in the folder, its input being what is typed."""
    monkeypatch.setenv("MARELLE_HOME", str(home))
    monkeypatch.delenv("MARELLE_DATABASE_URL", raising=False)
    return lambda *words, typed="": CliRunner().invoke(app, list(words), input=typed)


@pytest.fixture
def token(marelle: Marelle) -> str:
    """The first administrator's token, the collectivity being described."""
    found = marelle(*INIT, *CHIEF)
    assert found.exit_code == 0, found.stderr
    return str(json.loads(found.stdout)["token"])


def test_first_administrator_chooses_a_password_and_may_do_everything_of_theirs(
    marelle: Marelle, token: str, home: Path
) -> None:
    assert marelle("accounts", "activate", token, typed=f"{PASSWORD}\n").exit_code == 0
    records = open_records(records_url(home))
    _, actor = log_in(records, "s.roux", PASSWORD, records.clock())
    records.close()
    assert actor.may(Right.MANAGE_ACCOUNTS)
    assert not actor.may(Right.SEE_HEALTH)


def test_weak_password_is_refused_and_the_token_serves_again(marelle: Marelle, token: str) -> None:
    refused = marelle("accounts", "activate", token, typed="court\n")
    assert refused.exit_code == 1
    assert "12 caractères" in refused.stderr.replace("\u00a0", " ")
    assert marelle("accounts", "activate", token, typed=f"{PASSWORD}\n").exit_code == 0
    again = marelle("accounts", "activate", token, typed=f"{PASSWORD}\n")
    assert (again.exit_code, "déjà servi" in again.stderr) == (1, True)


def test_collectivity_is_not_described_twice(marelle: Marelle, token: str) -> None:
    again = marelle(*INIT, *CHIEF)
    assert again.exit_code == 1
    assert "déjà des données" in again.stderr


def test_accounts_are_listed_with_their_state_and_roles(marelle: Marelle, token: str) -> None:
    marelle("accounts", "create", "paul", "--name", "Paul Noël", "--role", "agent")
    marelle("accounts", "create", "zoe", "--name", "Zoé Blanc", "--role", "clerk", "--to", "2099-08-31")
    lent = ("--role", "agent", "--to", "2099-01-31", "--reason", "congé")
    assert marelle("accounts", "lend", "paul", "zoe", *lent).exit_code == 0
    told = marelle("accounts", "list").stdout.replace("\u00a0", " ")
    assert "à activer" in told
    assert "prêté par paul (congé)" in told
    listed = {row["login"]: row for row in json.loads(marelle("accounts", "list", "--json").stdout)}
    assert [grant["role"] for grant in listed["zoe"]["grants"]] == ["clerk", "agent"]
    assert listed["zoe"]["grants"][1]["valid_to"] == "2099-02-01"


def test_seasonal_clerk_without_an_end_is_refused(marelle: Marelle, token: str) -> None:
    found = marelle("accounts", "create", "zoe", "--name", "Zoé Blanc", "--role", "clerk")
    assert found.exit_code == 1
    assert "date de fin" in found.stderr


def test_matrix_is_printed_whole_and_for_one_role(marelle: Marelle) -> None:
    whole = json.loads(marelle("accounts", "rights", "--json").stdout)
    assert {row["operation"] for row in whole} == matrix().keys()
    told = marelle("accounts", "rights", "--role", "teacher").stdout
    assert "presence_now" in told
    assert "create_account" not in told
    assert marelle("accounts", "rights", "--role", "roi").exit_code == 2


def test_first_administrator_is_given_the_tasks_of_the_year_when_asked(marelle: Marelle) -> None:
    assert marelle(*INIT, *CHIEF, "--tasks").exit_code == 0
    refs = [task["ref"] for task in json.loads(marelle("tasks", "list", "--json").stdout)]
    assert "annee-scolaire" in refs
    assert marelle("tasks", "add", "regie", "Régie", "--on", "10/12", "--who", "keep_accounts").exit_code == 0
    assert "regie" in marelle("tasks", "list").stdout
