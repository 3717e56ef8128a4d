"""A past year under another grid: the same SQL on counted lines gives what the lines themselves give."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from domain.errors import InvalidData
from domain.what_if import SchoolYear, Simulation
from records.actors import SETUP
from records.operations.tariff_trials import Grid, published_grid
from tests.harness.memory_warehouse import MemoryWarehouse, kept_warehouse
from tests.oracles.computed import TARGETS, compute
from tests.oracles.random_towns import FIRST, NOW, TownMaker
from tests.oracles.world import Price, PriceList, Town
from tests.sql.built import Home, published_home
from warehouse.simulations import read_simulation
from warehouse.what_if import simulate

TOWNS = 60
YEAR = SchoolYear(FIRST.year if FIRST.month >= 9 else FIRST.year - 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Random towns, every form of tariff among them, published."""
    made = published_home(tmp_path_factory.mktemp("what-if") / "home", TOWNS)
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def grid(home: Home) -> Grid:
    """Every tariff as it is in force."""
    return published_grid(home.records, SETUP, ())


@pytest.fixture(scope="module")
def warehouse() -> MemoryWarehouse:
    """The models, to price whole days."""
    return kept_warehouse(*TARGETS)


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


def test_a_replay_keeps_all_that_lines_alike_differ_by(home: Home, warehouse: MemoryWarehouse) -> None:
    of_the_grid_in_force = {
        "line_id", "day", "day_kind", "begun_minutes", "line_count", "tariff_id", "tariff_version_id",
        "tariff_label", "tariff_decision", "tariff_valid_from", "unit_step_e4", "unit_step_mode", "rank_basis",
    }  # fmt: skip
    with warehouse.filled({}) as connection:
        priced = connection.execute("describe intermediate.int_pricing__circumstances").fetchall()
    with duckdb.connect(str(home.snapshot.path), read_only=True) as published:
        kept = published.execute("describe replay.lines").fetchall()
    assert {(name, kind) for name, kind, *_ in kept} == {
        (name, kind) for name, kind, *_ in priced if name not in of_the_grid_in_force
    }


def test_grid_in_force_gives_exactly_what_the_year_came_to(home: Home, grid: Grid) -> None:
    found = replay(home, grid)
    published = amounts(home)
    assert found.now == sum(published.values())
    assert found.now > 0
    # A first list that begins within the year is tried from the year's first day: it prices what had no price.
    begun = {version["service_ref"] for version in grid if str(version["valid_from"]) <= YEAR.first.isoformat()}
    late = {version["service_ref"] for version in grid} - begun
    steady = [each for each in found.services if each.service_ref not in late]
    assert [(each.service_ref, each.now, each.unpriced_now) for each in steady] == [
        (each.service_ref, each.then, each.unpriced_then) for each in steady
    ]
    assert all(each.unpriced_then <= each.unpriced_now for each in found.services)
    changed = {each.family_ref for each in found.families if each.change != 0}
    assert changed <= {family for family, service in published if service in late}
    assert {each.service_ref for each in found.services if each.is_tried} == {
        version["service_ref"] for version in grid
    } & {each.service_ref for each in found.services}


def test_changed_prices_change_the_lines_of_their_service_alone_and_are_kept_for_the_pages(
    home: Home, grid: Grid
) -> None:
    paid = amounts(home, "amount > 0 and kind = 'meal'")
    service = max(paid, key=lambda key: paid[key])[1]
    tried: Grid = copy.deepcopy([version for version in grid if version["service_ref"] == service])
    for version in tried:
        version["rules"] = [{"label": "Repas à 7 €", "unit": "meal", "amount_e4": 70_000, "form": "flat"}]
    key, found = simulate(home.path, tried, YEAR, lambda _share, _said: None)
    (changed,) = [each for each in found.services if each.is_tried]
    assert changed.service_ref == service
    assert changed.then == 7 * billed_meals(home, service)
    assert changed.then != changed.now
    assert all(each.then == each.now for each in found.services if not each.is_tried)
    published = amounts(home)
    assert {each.family_ref: each.now for each in found.families} == {
        family: sum(amount for (of, _), amount in published.items() if of == family)
        for family in {of for of, _ in published} - {""}
    }
    assert sum(each.then for each in found.families) == found.then
    assert read_simulation(home.path, key) == found


def billed_meals(home: Home, service: str) -> int:
    """Return the meals of a service that somebody owes: neither held back nor without a payer."""
    with duckdb.connect(str(home.snapshot.path), read_only=True, config={"memory_limit": "500MB"}) as connection:
        (count,) = connection.execute(
            "select coalesce(sum(units), 0)::bigint from marts.fct_priced_lines where service_ref = ? and day >= ? "
            "and day < ? and not is_provisional and held_back is null and payer_ref <> '' "
            "and coalesce(fault, '') not in ('payer_missing', 'custody_missing', 'enrolment_missing')",
            [service, YEAR.first, YEAR.end],
        ).fetchall()[0]
    return int(count)


UNITS = ("hour", "minute", "session", "half_day", "unit_begun")


def test_year_under_another_unit_is_what_the_same_days_cost_under_that_grid(
    home: Home, grid: Grid, warehouse: MemoryWarehouse
) -> None:
    tried: Grid = [copy.deepcopy(version) for version in grid if version["service_ref"].endswith(".soir")]
    for version in tried:
        unit = UNITS[int(version["service_ref"].split(".")[0]) % len(UNITS)]
        version["rules"] = [{"label": "Essai", "unit": unit, "amount_e4": 12_300, "form": "flat"}]
        version["unit_step_e4"] = version["rank_basis"] = None
    found = {each.service_ref: (each.then, each.unpriced_then) for each in replay(home, tried).services}
    towns = [_under(TownMaker(seed).town(), UNITS[seed % len(UNITS)]) for seed in range(home.towns)]
    asked = 0
    for number, computed in enumerate(compute(warehouse, towns, YEAR.first, NOW.date())):
        lines = [line for line in computed.lines if line.service == "soir" and not line.provisional]
        ref = f"{number}.soir"
        if not lines or ref not in {version["service_ref"] for version in tried} or _counts_lateness(number):
            continue
        asked += 1
        amount = sum((line.amount for line in lines if line.amount is not None), Decimal(0))
        assert found[ref] == (amount, sum(line.fault is not None for line in lines)), ref
    assert asked > 10


def _under(town: Town, unit: str) -> Town:
    """Return the town with one price for its evenings, since ever; the records of `home` hold no missing taps."""
    prices = (PriceList(date(2018, 1, 1), (Price(unit, Decimal("1.23")),)),)
    services = [
        replace(service, price_lists=prices) if service.ref == "soir" else service for service in town.services
    ]
    return replace(town, services=services, holes=[])


def _counts_lateness(seed: int) -> bool:
    """Whether the list in force bills lateness apart: the year then knows the evening without it."""
    lists = TownMaker(seed).town().service("soir").price_lists
    return any(price.kind == "late_pickup" for each in lists for price in each.prices)


def test_category_that_the_grid_forgets_is_told_and_in_no_amount(home: Home, grid: Grid) -> None:
    paid = amounts(home, "amount > 0 and kind = 'meal'")
    service = max(paid, key=lambda key: paid[key])[1]
    tried: Grid = copy.deepcopy([version for version in grid if version["service_ref"] == service])
    for version in tried:
        version["rules"] = [
            {"label": "Autre", "unit": "meal", "amount_e4": 70_000, "form": "flat", "category": "personne"}
        ]
    found = replay(home, tried)
    (changed,) = [each for each in found.services if each.is_tried]
    assert changed.then == 0
    assert changed.unpriced_then > changed.unpriced_now
    assert {(each.service_label, each.fault) for each in found.missing} >= {(changed.service_label, "tariff_gap")}


def test_year_without_a_line_is_refused_by_name(home: Home, grid: Grid) -> None:
    with pytest.raises(InvalidData, match="Aucune présence n'est publiée pour 2001-2002"):
        simulate(home.path, grid, SchoolYear(2001), lambda _share, _said: None)
