"""Counts without a name, from what was entered to a declaration; what waits opens from its own line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.counts import INDICATOR_WORDS, STANDING
from tests.cases.reading_caf import hours_cases
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.oracles.caf_world import Scale
from tests.sql.caf_rows import pack_places
from tests.sql.test_steering import School
from warehouse.project import CompiledProject

# Day, indicator, entry of the day, hundredths.
COUNTED = (
    (date(2026, 3, 3), "laep_sessions", 1, 100),
    (date(2026, 3, 3), "laep_opening_hours", 1, 350),
    (date(2026, 8, 4), "laep_sessions", 1, 200),
    (date(2026, 8, 4), "laep_opening_hours", 1, 400),
    (date(2026, 10, 6), "laep_sessions", 1, 900),
    (date(2026, 10, 6), "laep_sessions", 2, 100),
    (date(2026, 1, 1), "rpe_fte", 1, 150),
    (date(2026, 9, 1), "rpe_fte", 1, 80),
    (date(2025, 12, 31), "rpe_contacts", 1, 700),
)
WAITING = "Un passage manquant met les heures réelles en attente, et rien n'en est déclaré"


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    return MemoryWarehouse(compiled, ["fct_caf_declaration_figures", "fct_caf_figure_days"])


def test_counts_are_summed_over_the_months_of_the_version_and_who_works_there_is_the_last_said(
    warehouse: MemoryWarehouse,
) -> None:
    school = School()
    for day, indicator, seq, quantity in COUNTED:
        school.world.add(
            "anonymous_count", structure_id=school.structure, day=day, indicator=indicator, seq=seq,
            quantity_e2=quantity,
        )  # fmt: skip
    with warehouse.filled(school.world.rows) as connection:
        found = connection.execute(
            "select period, block, code, value, unit from marts.fct_caf_declaration_figures "
            "where block in ('laep', 'rpe') and year = 2026 order by all"
        ).fetchall()
    assert found == [
        (period, block, code, Decimal(value), unit)
        for period, sessions, hours, people in (
            ("jan_jun", 1, "3.5", "1.5"),
            ("jan_sep", 3, "7.5", "0.8"),
            ("year", 4, "7.5", "0.8"),
        )
        for block, code, value, unit in (
            ("laep", "laep_opening_hours", hours, "hours"),
            ("laep", "laep_sessions", sessions, "count"),
            ("rpe", "rpe_fte", people, "count"),
        )
    ]


def test_whoever_is_counted_once_a_year_is_the_last_said_and_all_the_rest_is_added_up(
    warehouse: MemoryWarehouse,
) -> None:
    school = School()
    for day, quantity in ((date(2026, 3, 3), 1000), (date(2026, 3, 10), 1200)):
        for indicator in INDICATOR_WORDS:
            school.world.add(
                "anonymous_count", structure_id=school.structure, day=day, indicator=indicator, seq=1,
                quantity_e2=quantity,
            )  # fmt: skip
    with warehouse.filled(school.world.rows) as connection:
        found = connection.execute(
            "select code, value from marts.fct_caf_declaration_figures "
            "where year = 2026 and period = 'jan_jun' and block in ('laep', 'rpe', 'youth')"
        ).fetchall()
    assert dict(found) == {code: Decimal(12 if code in STANDING else 22) for code in INDICATOR_WORDS}


def test_hours_that_wait_open_from_their_own_line_and_from_no_other(warehouse: MemoryWarehouse) -> None:
    waiting = next(each for each in hours_cases() if each.case.name == WAITING)
    rows = pack_places([waiting.place], waiting.case.first, waiting.case.last, (waiting.case.first.year, Scale()))
    with warehouse.filled(rows) as connection:
        opened = connection.execute(
            "select code, sum(quantity) from marts.fct_caf_figure_days where period = 'year' group by all"
        ).fetchall()
        told = connection.execute(
            "select value from marts.fct_caf_declaration_figures where period = 'year' and code = 'held_hours'"
        ).fetchall()
    ((code, minutes),) = [row for row in opened if not row[0].startswith(("billed_", "family_"))]
    assert code == "held_hours"
    assert [(minutes / 60,)] == told
    assert minutes > 0
