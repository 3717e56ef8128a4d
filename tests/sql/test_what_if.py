"""A past year under another grid: the same SQL on counted lines gives what the lines themselves give."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from domain.errors import InvalidData
from domain.what_if import SchoolYear, Simulation
from records.actors import SETUP
from records.operations.tariff_trials import Grid, published_grid
from tests.oracles.random_towns import FIRST
from tests.sql.built import Home, built_home
from warehouse.simulations import read_simulation
from warehouse.what_if import simulate

TOWNS = 60
YEAR = SchoolYear(FIRST.year if FIRST.month >= 9 else FIRST.year - 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Random towns, every form of tariff among them, published."""
    made = built_home(tmp_path_factory.mktemp("what-if") / "home", TOWNS)
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def grid(home: Home) -> Grid:
    """Every tariff as it is in force."""
    return published_grid(home.records, SETUP, ())


def replay(home: Home, grid: Grid) -> Simulation:
    """Replay the towns' year."""
    return simulate(home.path, grid, YEAR, lambda _share, _said: None)[1]


def amounts(home: Home, where: str = "true") -> dict[tuple[str, str], Decimal]:
    """Return what the published lines of the year come to by family and service."""
    with duckdb.connect(str(home.snapshot.path), read_only=True, config={"memory_limit": "500MB"}) as connection:
        found = connection.execute(
            "select family_ref, service_ref, coalesce(sum(amount), 0) from marts.fct_priced_lines "
            f"where day >= ? and day < ? and not is_provisional and {where} group by all",
            [YEAR.first, YEAR.end],
        ).fetchall()
    return {(family, service): amount for family, service, amount in found}


def test_grid_in_force_gives_exactly_what_the_year_came_to(home: Home, grid: Grid) -> None:
    found = replay(home, grid)
    published = amounts(home)
    assert found.now == sum(published.values())
    assert found.now > 0
    assert [(each.service_ref, each.now, each.unpriced_now) for each in found.services] == [
        (each.service_ref, each.then, each.unpriced_then) for each in found.services
    ]
    assert [each.family_ref for each in found.families if each.change != 0] == []
    assert all(each.is_tried for each in found.services)
