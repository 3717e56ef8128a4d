"""What the CAF would ask about: the model that says it, on child-days given by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.harness.memory_warehouse import MemoryWarehouse
from tests.sql.raw_world import RawWorld
from warehouse.project import CompiledProject
from warehouse.raw import insert_rows

MARCH, APRIL = date(2026, 3, 5), date(2026, 4, 9)
Rows = Sequence[Mapping[str, Any]]


class Controls:
    """A warehouse in memory that runs the controls alone on given rows."""

    def __init__(self, project: CompiledProject) -> None:
        self._models = {model.name: model for model in project.models}
        self._connection = MemoryWarehouse(project, ["fct_caf_controls"]).connection

    @contextmanager
    def given(self, world: RawWorld | None = None, **rows: Rows) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give records and rows by model, run the controls, and forget them."""
        self._connection.execute("begin")
        try:
            for table, raw in (world.rows if world else {}).items():
                insert_rows(self._connection, table, raw)
            for model, its_rows in rows.items():
                for row in its_rows:
                    places = ", ".join("?" * len(row))
                    target = f"{self._models[model].relation} ({', '.join(row)})"
                    self._connection.execute(f"insert into {target} values ({places})", list(row.values()))
            controls = self._models["int_caf__controls"]
            self._connection.execute(f"insert into {controls.relation} {controls.sql}")
            yield self._connection
        finally:
            self._connection.execute("rollback")


@pytest.fixture(scope="module")
def controls(compiled: CompiledProject) -> Controls:
    return Controls(compiled)


def child_day(day: date, minutes: int, child: int = 1, **about: Any) -> dict[str, Any]:
    facts = {
        "structure_id": 1, "child_id": child, "service_id": 1, "day": day, "caf_kind": "eaje",
        "regime_group": "RG", "is_present": True, "is_declared": True, "counts_billed": True,
        "realised_minutes": minutes, "billed_minutes": minutes,
    }  # fmt: skip
    return {**facts, **about}


def found(connection: duckdb.DuckDBPyConnection, control: str) -> list[tuple[Any, ...]]:
    query = "select child_id, day, quantity from intermediate.int_caf__controls where control = ? order by all"
    return connection.execute(query, [control]).fetchall()


def test_hours_without_a_regime_and_days_without_a_team_are_asked_about_month_by_month(controls: Controls) -> None:
    unknown: dict[str, Any] = {"regime_group": "INCONNU"}
    days = [
        child_day(MARCH, 60, **unknown),
        child_day(MARCH.replace(day=20), 30, **unknown),
        child_day(APRIL, 45, **unknown),
        child_day(MARCH, 15, child=2, **unknown),
        child_day(APRIL, 500, child=2),
    ]
    with controls.given(int_caf__child_days=days) as connection:
        assert found(connection, "regime_missing") == [(1, MARCH, 90), (1, APRIL, 45), (2, MARCH, 15)]
        assert found(connection, "team_unknown") == [(0, MARCH, 2), (0, APRIL, 1)]


def gap(day: date, minutes: int, cause: str = "free_hours", child: int = 1) -> dict[str, Any]:
    return {
        "structure_id": 1, "child_id": child, "service_id": 1, "day": day, "cause": cause, "gap_minutes": -minutes,
    }  # fmt: skip


def test_hours_done_and_never_billed_are_asked_about_where_a_child_is_billed_less_than_there(
    controls: Controls,
) -> None:
    days = [
        child_day(MARCH, 300, billed_minutes=240),
        child_day(APRIL, 200),
        # Billed more than there on the whole: the free hours of a day are made up for.
        child_day(MARCH, 300, child=2, billed_minutes=240),
        child_day(APRIL, 100, child=2, billed_minutes=400),
    ]
    gaps = [gap(MARCH, 60), gap(APRIL, 0, "booked_hours"), gap(MARCH, 60, child=2)]
    with controls.given(int_caf__child_days=days, int_caf__gaps=gaps) as connection:
        assert found(connection, "unbilled_hours") == [(1, MARCH, 60)]


def test_hours_that_are_not_declared_are_not_asked_about_as_unbilled(controls: Controls) -> None:
    held = child_day(MARCH, 300, billed_minutes=None, is_declared=False, held_back="hole")
    last_year = child_day(date(2025, 3, 5), 300, billed_minutes=400)
    days = [held, last_year, child_day(APRIL, 100, billed_minutes=90)]
    gaps = [gap(MARCH, 0, "held_back"), gap(date(2025, 3, 5), 20), gap(APRIL, 10)]
    with controls.given(int_caf__child_days=days, int_caf__gaps=gaps) as connection:
        assert found(connection, "unbilled_hours") == [(1, APRIL, 10)]


def test_hours_above_the_opening_count_neither_the_midday_break_nor_a_day_shut(controls: Controls) -> None:
    days = [child_day(MARCH, 600), child_day(APRIL, 60), child_day(APRIL.replace(day=10), 570)]
    opened = [
        {"structure_id": 1, "day": MARCH, "open_minutes": 570},
        {"structure_id": 1, "day": APRIL, "open_minutes": 0},
        {"structure_id": 1, "day": APRIL.replace(day=10), "open_minutes": 570},
    ]
    with controls.given(int_caf__child_days=days, int_calendar__opening_hours=opened) as connection:
        assert found(connection, "hours_above_opening") == [(1, MARCH, 30), (1, APRIL, 60)]


def test_hours_of_a_child_above_the_opening_of_the_day_are_asked_about(controls: Controls) -> None:
    days = [
        child_day(MARCH, 400),
        child_day(MARCH, 201, service_id=2, is_declared=True),
        child_day(MARCH, 600, child=2),
        child_day(APRIL, 700, is_declared=False, held_back="hole"),
    ]
    opening = [{"structure_id": 1, "day": day, "open_minutes": 600} for day in (MARCH, APRIL)]
    with controls.given(int_caf__child_days=days, int_calendar__opening_hours=opening) as connection:
        assert found(connection, "hours_above_opening") == [(1, MARCH, 1)]


def test_children_above_the_places_are_asked_about_by_service_and_a_creche_by_its_weeks(controls: Controls) -> None:
    leisure = [child_day(MARCH, 60, child=child, caf_kind="periscolaire_evening") for child in (1, 2, 3)]
    away = child_day(MARCH, 60, child=4, caf_kind="periscolaire_evening", is_present=False)
    in_a_creche = [child_day(MARCH, 60, child=child, service_id=2) for child in (5, 6, 7)]
    world = RawWorld()
    world.add(
        "caf_setting", structure_id=1, valid_from=date(2026, 1, 1), seq=1, authorised_places=2,
        meals_provided=False, diapers_provided=False, has_pedt=False, has_plan_mercredi=False,
        oversize_rounding="floor",
    )  # fmt: skip
    weeks = [
        {"structure_id": 1, "week": date(2026, 3, 2), "peak": 25, "places": 20, "is_alert": True},
        {"structure_id": 1, "week": date(2026, 3, 9), "peak": 22, "places": 20, "is_alert": False},
    ]
    days = [*leisure, away, *in_a_creche]
    with controls.given(world, int_caf__child_days=days, int_caf__occupancy=weeks) as connection:
        assert found(connection, "above_capacity") == [(0, date(2026, 3, 2), 5), (0, MARCH, 1)]
