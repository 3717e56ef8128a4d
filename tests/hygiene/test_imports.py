"""The arrows between rooms, three ways: import contracts, declared libraries, and what a fresh interpreter loads.

The static graph cannot see what is imported inside a function or by a library; the fresh interpreter can.
"""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.hygiene.project import ROOMS, ROOT, python_files, tree

pytestmark = pytest.mark.long

ARROWS: dict[str, set[str]] = {
    "domain": set(),
    "records": {"domain"},
    "device_drivers": set(),
    "terminal": {"domain", "device_drivers"},
    "ingest_api": {"domain", "records"},
    "exchanges": {"domain", "records"},
    "warehouse": {"domain", "records"},
    "jobs": {"domain", "records", "device_drivers", "ingest_api", "warehouse", "exchanges"},
    "portal": {"domain", "records", "exchanges", "warehouse"},
}
SERVER_ONLY = {
    "adbc_driver_manager",
    "alembic",
    "altair",
    "dbt",
    "duckdb",
    "fastapi",
    "pandas",
    "psycopg",
    "pyarrow",
}
SERVER_ONLY |= {"sqlalchemy", "streamlit", "uvicorn"}
SCREENS = {"streamlit", "textual", "nfc", "serial"}
NOT_LOADED = {
    "domain": SERVER_ONLY | SCREENS | {"httpx", "rich", "typer"},
    "records": SCREENS | {"duckdb", "dbt", "fastapi", "pyarrow", "httpx", "typer"},
    "device_drivers": SERVER_ONLY | {"textual", "pydantic", "httpx"},
    "terminal": SERVER_ONLY,
    "ingest_api": SCREENS | {"duckdb", "dbt", "pyarrow"},
    "exchanges": SCREENS | {"duckdb", "dbt", "fastapi"},
    "warehouse": SCREENS | {"fastapi"},
    "jobs": {"streamlit", "textual"},
    "portal": SCREENS,
}
# One interpreter loads these in turn: a room is forbidden nothing that those before it may load.
IN_TURN = (
    ("domain", "records", "warehouse", "portal"),
    ("exchanges",),
    ("device_drivers", "terminal"),
    ("ingest_api", "jobs"),
)
# Imported under their own name, installed and pinned by the library that exposes them.
BROUGHT_BY = {
    "starlette": "fastapi",
    "pandas": "streamlit",
    "aiohttp": "textual-serve",
    "aiohttp_jinja2": "textual-serve",
    "ndef": "nfcpy",
    "usb1": "nfcpy",
    "click": "typer",
    "pydantic_core": "pydantic",
}
LOAD = """
import importlib, json, pkgutil, sys
before = set(sys.modules)
for asked in sys.argv[1:]:
    names = asked.split(",")
    if len(names) == 1 and "." not in names[0]:
        walked = pkgutil.walk_packages(importlib.import_module(names[0]).__path__, names[0] + ".")
        names += [found.name for found in walked if not {"migrations", "__main__"} & set(found.name.split("."))]
    for name in names:
        importlib.import_module(name)
    print(json.dumps(sorted({name.split(".")[0] for name in set(sys.modules) - before})))
"""


def loaded_by(*steps: str) -> list[set[str]]:
    """Return the top-level modules that one fresh interpreter holds after each step: a whole room, or modules."""
    command = [sys.executable, "-c", LOAD, *steps]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [set(json.loads(line)) for line in done.stdout.splitlines()[-len(steps) :]]


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [sys.executable, linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("rooms", IN_TURN, ids="-".join)
def test_room_loads_only_the_rooms_its_arrows_allow(rooms: tuple[str, ...]) -> None:
    for room, loaded in zip(rooms, loaded_by(*rooms), strict=True):
        assert loaded & set(ROOMS) - {room} <= ARROWS[room], room
        assert loaded & NOT_LOADED[room] == set(), room


def test_every_room_with_arrows_is_loaded() -> None:
    assert sorted(room for rooms in IN_TURN for room in rooms) == sorted(ARROWS)


def test_domain_outside_wire_loads_the_standard_library_alone() -> None:
    outside = [module_name(path) for path in python_files("domain") if "wire" not in path.parts]
    loaded = {name for name in loaded_by(",".join(outside))[0] if not name.startswith("_sysconfigdata")}
    assert loaded - set(sys.stdlib_module_names) == {"domain"}


def test_command_line_loads_no_room_before_a_command_is_called() -> None:
    (loaded,) = loaded_by("cli.main")
    assert loaded & (SERVER_ONLY | SCREENS | {"httpx", "nfc"}) == set()
    assert loaded & set(ROOMS) <= {"cli", "domain"}


@pytest.mark.parametrize("room", ROOMS)
def test_room_imports_declared_libraries_only(room: str) -> None:
    allowed = declared("dependencies", "terminal") if room in ("terminal", "device_drivers") else declared()
    undeclared = sorted(
        f"{path}: {name}"
        for path in python_files(room)
        for name in third_party(path)
        if not providers(name) & ({"pydantic"} & allowed if room == "domain" and "wire" in path.parts else allowed)
        or (room == "domain" and "wire" not in path.parts)
    )
    assert undeclared == []


def module_name(path: Path) -> str:
    """Return the dotted name of a project file."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def third_party(path: Path) -> Iterator[str]:
    """Yield the top-level names a file imports, anywhere in it, neither ours nor the standard library's."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - set(ROOMS)


def providers(name: str) -> set[str]:
    """Return the distributions that provide an import name, as pyproject would write them."""
    return {BROUGHT_BY[name]} if name in BROUGHT_BY else {plain(one) for one in distributions().get(name, [])}


@cache
def distributions() -> dict[str, list[str]]:
    """Return import name → distributions, for what is installed."""
    return {name: list(found) for name, found in packages_distributions().items()}


def declared(*groups: str) -> set[str]:
    """Return the distributions pyproject declares: those of the groups named, or all but the developers' own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = {"dependencies": project["dependencies"], **project["optional-dependencies"]}
    return {plain(requirement) for group in groups or lists for requirement in lists[group]}


def plain(requirement: str) -> str:
    """Return the normalised name of a requirement such as `psycopg[binary]>=3.3,<4`."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement)[0]).lower()
