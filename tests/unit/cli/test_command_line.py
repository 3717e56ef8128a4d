"""The command line itself: French help, one clear line for each kind of error, and its exit code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from cli.errors import MarelleGroup
from cli.help import FrenchCommand
from cli.main import app
from domain.errors import InvalidData

NBSP = "\u00a0"
ENGLISH = re.compile(r"\b(usage|options?:|commands?:|default|required|the|this|with|invalid|missing)\b", re.I)


def commands(command: Any = None, path: str = "marelle") -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name."""
    command = command or get_command(app)
    yield path, command
    for name, sub in getattr(command, "commands", {}).items():
        yield from commands(sub, f"{path} {name}")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A MARELLE_HOME that does not exist."""
    monkeypatch.setenv("MARELLE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MARELLE_DATABASE_URL", raising=False)
    return tmp_path / "home"


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


ALL = dict(commands())


@pytest.mark.parametrize("path", ALL)
def test_every_command_has_french_help(path: str) -> None:
    found = run(*path.split()[1:], "--help")
    assert found.exit_code == 0
    assert found.stdout.startswith(f"Utilisation{NBSP}: {path}")
    assert "Afficher cette aide" in found.stdout
    assert not ENGLISH.search(found.stdout.replace("python -m", "")), found.stdout


@pytest.mark.parametrize("path", ALL)
def test_every_parameter_is_explained(path: str) -> None:
    for param in ALL[path].params:
        assert param.hidden or param.help, param.name


def test_the_names_that_people_rely_on_exist() -> None:
    for name in ("demo", "run", "terminal", "badge", "query", "doctor", "warehouse build", "meals forecast",
                 "caf hours", "invoices explain", "calendar import", "devices register", "devices list",
                 "devices revoke", "tariffs check"):  # fmt: skip
        assert f"marelle {name}" in ALL


def test_every_reading_command_takes_json() -> None:
    reading = (
        "query",
        "doctor",
        "meals forecast",
        "caf hours",
        "invoices explain",
        "devices list",
        "tariffs check",
    )
    for name in reading:
        assert any("--json" in param.opts for param in ALL[f"marelle {name}"].params), name


def test_marelle_alone_shows_its_commands() -> None:
    found = run()
    assert found.exit_code == 0
    assert "warehouse" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chercher"], f"Commande inconnue{NBSP}: «{NBSP}chercher{NBSP}»."),
        (["devices", "lst"], f"Vouliez-vous dire «{NBSP}list{NBSP}»{NBSP}?"),
        (["demo", "--chldren", "3"], f"Option inconnue{NBSP}: --chldren. Vouliez-vous dire --children{NBSP}?"),
        (["demo", "--children", "beaucoup"], f"--children{NBSP}: écrivez un nombre entier de 20 à 2000."),
        (["demo", "--children", "5"], f"--children{NBSP}: écrivez un nombre entier de 20 à 2000."),
        (["demo", "--children"], "L'option --children attend une valeur."),
        (["demo", "--today", "demain"], "Écrivez AAAA-MM-JJ"),
        (["query"], "Il manque l'argument SQL."),
        (["devices", "register", "x"], "Il manque l'option --structure."),
        (["doctor", "vite"], f"Argument en trop{NBSP}: vite."),
        (["devices"], "Indiquez une commande."),
    ],
)
def test_wrong_usage_is_one_french_line_and_code_2(arguments: list[str], message: str) -> None:
    found = run(*arguments)
    assert (found.exit_code, found.stdout) == (2, "")
    assert message in found.stderr
    assert "marelle" in found.stderr
    assert len(found.stderr.strip().splitlines()) == 1
    assert "Error" not in found.stderr


# --------------------------------------------------------------------------------------------- failing commands


def failing(error: BaseException) -> typer.Typer:
    """Return a command line whose one command fails."""
    one = typer.Typer(cls=MarelleGroup, add_completion=False, rich_markup_mode=None)

    @one.callback()
    def root() -> None:
        """Racine."""

    @one.command(cls=FrenchCommand)
    def fall() -> None:
        """Tomber."""
        raise error

    return one


def test_an_expected_failure_is_its_own_message_and_code_1() -> None:
    found = CliRunner().invoke(failing(InvalidData("Le QF 9999 est inconnu : complétez-le.")), ["fall"])
    assert found.exit_code == 1
    assert found.stderr == f"Le QF 9999 est inconnu{NBSP}: complétez-le.\n"


def test_an_unexpected_failure_goes_to_a_log_and_is_told_in_a_line(elsewhere: Path) -> None:
    elsewhere.mkdir()
    found = CliRunner().invoke(failing(ZeroDivisionError("about money")), ["fall"])
    assert found.exit_code == 1
    assert "Traceback" not in found.stderr
    assert str(elsewhere / "logs" / "marelle.log") in found.stderr
    assert "ZeroDivisionError: about money" in (elsewhere / "logs" / "marelle.log").read_text()


def test_without_a_home_the_log_goes_to_the_temporary_folder(elsewhere: Path) -> None:
    found = CliRunner().invoke(failing(ZeroDivisionError()), ["fall"])
    assert "marelle.log" in found.stderr
    assert not elsewhere.exists()


def test_ctrl_c_is_told_and_leaves_with_130() -> None:
    found = CliRunner().invoke(failing(KeyboardInterrupt()), ["fall"])
    assert found.exit_code == 130
    assert found.stderr == "Interrompu.\n"


def test_commands_import_their_room_when_called() -> None:
    for path, command in ALL.items():
        if getattr(command, "commands", None) or command.callback is None:
            continue
        module = inspect.getmodule(inspect.unwrap(command.callback))
        assert module is not None
        assert "from records" not in "\n".join(
            line for line in inspect.getsource(module).splitlines() if not line.startswith((" ", "\t"))
        ), path
