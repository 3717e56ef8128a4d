"""The systemd units call commands and options that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from cli.main import app

DEPLOY = Path(__file__).parents[3] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def marelle_calls(text: str) -> list[list[str]]:
    """Return the arguments of each call of marelle in a unit, those inside quotes too."""
    found = []
    for line in re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE):
        words = shlex.split(line)
        assert words[0].endswith("/marelle")
        found.append(words[1:])
        found += [shlex.split(word)[1:] for word in words if "/marelle " in word]
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_call_commands_that_exist(unit: Path) -> None:
    calls = marelle_calls(unit.read_text(encoding="utf-8"))
    assert calls
    for arguments in calls:
        command, rest = get_command(app), list(arguments)
        while sub := getattr(command, "commands", {}).get(rest[0] if rest else ""):
            command, rest = sub, rest[1:]
        context = command.make_context("marelle", rest)
        assert context.params


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_write_nowhere_but_in_their_own_folder(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    assert "ProtectSystem=strict" in text
    assert re.findall(r"^ReadWritePaths=(.*)$", text, re.MULTILINE) == ["/var/lib/marelle"]


def test_the_page_names_every_file() -> None:
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    assert all(path.name in page for path in DEPLOY.iterdir() if path.name != "README.md")
