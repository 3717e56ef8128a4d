"""What a place offers, day by day: hours, places of its convention, and a capacity that no day is missing from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.time import instant_at
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.project import CompiledProject

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    return MemoryWarehouse(compiled, ["fct_caf_declaration_figures", "fct_caf_openings"])


def two_days(*conventions: tuple[date, int]) -> RawWorld:
    """Return an early-childhood place open two days for two hours, with the places of its conventions."""
    world = RawWorld().town().about(instant_at(TUESDAY, 1200, PARIS), MONDAY, TUESDAY)
    structure = world.structure("creche")
    service = world.service("garde", caf_kind="eaje")
    world.rule(service, slot_start_minute=480, slot_end_minute=600)
    world.offer(service, structure)
    for day, places in conventions:
        world.add(
            "caf_setting", structure_id=structure, valid_from=day, seq=1, authorised_places=places,
            meals_provided=False, diapers_provided=False, has_pedt=False, has_plan_mercredi=False,
            oversize_rounding="floor",
        )  # fmt: skip
    return world


@pytest.mark.parametrize(
    ("conventions", "places", "hours", "fault"),
    [
        ([(MONDAY, 10)], [10, 10], Decimal(40), None),
        ([(MONDAY, 10), (TUESDAY, 12)], [10, 12], Decimal(44), None),
        ([(TUESDAY, 12)], [None, 12], None, "setting_incomplete 2026"),
        ([], [None, None], None, "setting_incomplete 2026"),
    ],
)
def test_hours_offered_are_those_of_every_day_or_are_not_known(
    warehouse: MemoryWarehouse,
    conventions: list[tuple[date, int]],
    places: list[int | None],
    hours: Decimal | None,
    fault: str | None,
) -> None:
    with warehouse.filled(two_days(*conventions).rows) as connection:
        days = connection.execute("select day, minutes, places from marts.fct_caf_openings order by day").fetchall()
        found = connection.execute(
            "select value, fault from marts.fct_caf_declaration_figures "
            "where period = 'year' and code = 'capacity_hours'"
        ).fetchall()
    assert days == [(MONDAY, 120, places[0]), (TUESDAY, 120, places[1])]
    assert found == [(hours, fault)]


def test_place_that_shuts_at_midday_or_all_day_offers_only_what_it_is_open(warehouse: MemoryWarehouse) -> None:
    world = two_days((MONDAY, 10))
    hours = {"structure_id": 1, "period": "school", "valid_from": MONDAY, "seq": 1}
    shut = {"shut_from_minute": 720, "shut_until_minute": 810}
    world.add("structure_opening", weekday=0, open_minute=450, close_minute=1110, **shut, **hours)
    world.add("structure_opening", weekday=1, **hours)
    with warehouse.filled(world.rows) as connection:
        days = connection.execute("select day, minutes, places from marts.fct_caf_openings").fetchall()
        figures = (
            "select code, value from marts.fct_caf_declaration_figures where period = 'year' and code in (?, ?)"
        )
        found = connection.execute(f"{figures} order by code", ["opening_days", "opening_hours"]).fetchall()
    assert days == [(MONDAY, 570, 10)]
    assert found == [("opening_days", Decimal(1)), ("opening_hours", Decimal("9.5"))]
