"""The totals of YAML cases through the compiled models: only what the totals stand for is put in by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from domain.time import instant_at
from tests.cases.reading_caf import YearCase
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.sql.caf_rows import entered
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.project import CompiledProject
from warehouse.raw import NATIONAL_PARAMETER, insert_rows, national_parameter_rows

MONDAY = date(2026, 3, 2)
TARGETS = ("fct_psu", "fct_psu_what_if", "fct_pso", "fct_caf_occupancy", "int_staffing__peaks")
REST_MODELS = ("year_values", "settings", "accounts", "costs", "psu_base")
_YEAR_MODELS = (*REST_MODELS, "psu", "mixite", "pso")
CARES = {"court": "short", "long": "long", "vacances": "holiday", "crèche": "daycare"}
ROUNDINGS = {"bas": "floor", "haut": "ceiling", "proche": "nearest"}


class Totals:
    """One warehouse in memory whose models are run on given totals."""

    def __init__(self, project: CompiledProject) -> None:
        self._models = {model.name: model for model in project.models}
        self._connection = MemoryWarehouse(project, TARGETS).connection

    def psu(self, case: YearCase) -> dict[str, Any]:
        """Return the year of early childhood, and its bonus."""
        hours = {name: minutes(case.amount(f"heures {name}")) for name in ("facturées", "réalisées")}
        general = case.amount("heures du régime général")
        of_general = hours["facturées"] if general is None else minutes(general)
        rows = [
            sums("eaje", "RG", hours["réalisées"], of_general, case.amount("participations") or Decimal(0)),
            sums("eaje", "MSA", 0, hours["facturées"] - of_general, Decimal(0)),
        ]
        with self._year(case, rows) as connection:
            found = _one(connection, "select * from intermediate.int_caf__psu where period = 'year'")
            bonus = _one(connection, "select bonus, fault as bonus_fault from intermediate.int_caf__mixite")
        return {**found, **bonus}

    def pso(self, case: YearCase) -> dict[str, Any]:
        """Return the year of a leisure centre."""
        wednesday = minutes(case.amount("heures du mercredi") or Decimal(0))
        aeeh = minutes(case.amount("heures AEEH") or Decimal(0))
        rest = minutes(case.amount("heures")) - wednesday - aeeh
        rows = [
            sums("periscolaire_evening", "RG", rest),
            sums("periscolaire_wednesday", "RG", wednesday),
            {**sums("periscolaire_evening", "RG", aeeh), "is_aeeh": True},
        ]
        with self._year(case, rows) as connection:
            return _one(connection, "select * from intermediate.int_caf__pso where period = 'year'")

    def occupancy(self, case: YearCase) -> dict[str, Any]:
        """Return the week of a place open from Monday to Friday."""
        world = RawWorld().about(0, MONDAY, MONDAY + timedelta(days=4))
        world.service("creche", "daycare", "eaje")
        if "places" in case.about:
            add_setting(world, case)
        if "places dès mercredi" in case.about:
            add_setting(world, case, "places dès mercredi", MONDAY + timedelta(days=2))
        days = [{"structure_id": 1, "day": MONDAY + timedelta(days=offset)} for offset in range(5)]
        open_days = [
            {
                **day, "service_id": number, "caf_kind": "eaje", "is_open": True, "slot_start_minute": start,
                "slot_end_minute": end,
            }
            for day in days
            for number, (start, end) in enumerate(case.services, start=1)
        ]  # fmt: skip
        used = minutes(case.amount("heures de présence"))
        billed = minutes(case.amount("heures facturées") or case.amount("heures de présence"))
        gaps = [{"structure_id": 1, "day": MONDAY, "realised_minutes": used, "billed_minutes": billed}]
        stays = [
            {
                "structure_id": 1,
                "service_id": 1,
                "day": MONDAY,
                "arrived_minute": 500 + (child % 3),
                "left_minute": 600,
            }
            for child in range(int(case.about["enfants au même moment"]))
        ]
        # Two who leave as two others come are not there together.
        stays += [{**stays[0], "arrived_minute": 600, "left_minute": 640}] * 2
        given = {
            "int_calendar__service_days": open_days,
            "int_calendar__opening_hours": [{**day, **case.opening} for day in days if case.opening],
            "int_caf__gaps": gaps,
            "int_attendance__stays_settled": stays,
        }
        with self.given(world, case, given) as connection:
            self.fill("int_caf__openings")
            self.fill("int_caf__occupancy")
            return _one(connection, "select * from intermediate.int_caf__occupancy")

    def staffing(self, case: YearCase) -> dict[str, Any]:
        """Return the half hour of a place, with so many children at once."""
        world = RawWorld().town().about(0, MONDAY, MONDAY)
        world.structure("accueil")
        add_setting(world, case)
        care = CARES[case.about["accueil"]]
        names = [f"{each}_{age}" for each in ("short", "long", "holiday") for age in ("under_6", "from_6")]
        counts = dict.fromkeys([*names, "daycare", "daycare_walking"], 0)
        words = {
            "moins de 6": f"{care}_under_6",
            "6 et plus": f"{care}_from_6",
            "enfants": "daycare",
            "dont marchent": "daycare_walking",
        }
        for word, name in words.items():
            if word in case.about:
                counts[name] = int(case.about[word])
        day = {"structure_id": 1, "day": MONDAY}
        given = {
            "int_calendar__structure_days": [
                {**day, "weekday": 0, "is_school_holiday": care == "holiday", "timezone": "Europe/Paris"}
            ],
            "int_staffing__counts": [{**day, "minute": 990, **counts}],
        }
        with self.given(world, case, given) as connection:
            self.fill("int_staffing__ratios")
            self.fill("int_staffing__peaks")
            return _one(connection, "select * from intermediate.int_staffing__peaks")

    @contextmanager
    def _year(self, case: YearCase, rows: Sequence[Mapping[str, Any]]) -> Iterator[duckdb.DuckDBPyConnection]:
        now = instant_at(date(case.year + 1, 2, 1), 0, PARIS)
        world = RawWorld().about(now, date(case.year, 1, 1), date(case.year + 1, 1, 31))
        if {"places", "régime général", "plan mercredi"} & set(case.about):
            add_setting(world, case)
        charges = case.amount("charges")
        if charges is not None:
            about = {"year": case.year, "account": "60", "label": "Charges", "nature": "charge", "period": "year"}
            world.add("accounting_line", structure_id=1, amount_cents=int(charges * 100), **about)
        january = date(case.year, 1, 1)
        given = {
            "int_calendar__structure_days": [{"structure_id": 1, "day": january}],
            "int_caf__sums": [{**row, "month": january} for row in rows],
        }
        with self.given(world, case, given) as connection:
            for name in _YEAR_MODELS:
                self.fill(f"int_caf__{name}")
            yield connection

    @contextmanager
    def given(
        self, world: RawWorld, case: YearCase, given: Mapping[str, Iterable[Mapping[str, Any]]]
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the raw rows of a case, and rows by model, for the time of a `with`."""
        connection = self._connection
        year = int(case.about.get("barème de", case.about.get("année", MONDAY.year)))
        connection.execute("begin")
        try:
            insert_rows(connection, NATIONAL_PARAMETER, national_parameter_rows(entered(year, case.scale)))
            for table, raw in world.rows.items():
                insert_rows(connection, table, raw)
            for model, rows in given.items():
                for row in rows:
                    places = ", ".join("?" * len(row))
                    target = f"intermediate.{model} ({', '.join(row)})"
                    connection.execute(f"insert into {target} values ({places})", list(row.values()))
            yield connection
        finally:
            connection.execute("rollback")

    def fill(self, name: str) -> None:
        """Run one model on what is given."""
        model = self._models[name]
        self._connection.execute(f"insert into {model.relation} {model.sql}")


def minutes(hours: Decimal | None) -> int:
    """Return the minutes of hours."""
    assert hours is not None
    return int(hours * 60)


def sums(
    kind: str, regime: str, realised: int, billed: int = 0, contribution: Decimal = Decimal(0)
) -> dict[str, Any]:
    """Return a month of a place as the models sum it up."""
    return {
        "structure_id": 1, "service_id": 1, "caf_kind": kind, "period": "all_year", "age_group": "under_6",
        "is_under_4": True, "regime_group": regime, "is_aeeh": False, "child_days": 1, "derived_child_days": 0,
        "held_child_days": 0, "realised_minutes": realised, "billed_minutes": billed, "contribution": contribution,
        "held_minutes": 0,
    }  # fmt: skip


def add_setting(world: RawWorld, case: YearCase, places: str = "places", since: date = date(2014, 1, 1)) -> None:
    """Add what the convention of a case says from a day on."""
    equipped = case.about.get("repas", "oui") == "oui"
    reference, general = case.amount("mercredi de référence"), case.general
    world.add(
        "caf_setting",
        structure_id=1,
        valid_from=since,
        seq=1,
        authorised_places=int(case.about.get(places, "20")),
        meals_provided=equipped,
        diapers_provided=equipped,
        has_pedt=case.about.get("PEDT") == "oui",
        has_plan_mercredi=case.about.get("plan mercredi") == "oui",
        reference_wednesday_minutes=None if reference is None else minutes(reference),
        oversize_rounding=ROUNDINGS[case.about.get("arrondi", "bas")],
        general_regime_e4=None if general is None else int(general * 10_000),
        walking_from_months=case.about.get("marchent à partir de"),
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    found = connection.execute(query)
    names = [column[0] for column in found.description or ()]
    (row,) = found.fetchall()
    return dict(zip(names, row, strict=True))
