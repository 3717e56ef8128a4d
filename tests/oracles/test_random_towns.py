"""Lines, CAF minutes and plates in SQL are those of the slow oracles, on random small towns.

Hypothesis draws seeds, and each seed makes one town: a whole town drawn choice by choice would be cut short.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.harness.models import compile_once
from tests.oracles.bills import all_lines
from tests.oracles.computed import compute, new_warehouse
from tests.oracles.proof import differences
from tests.oracles.random_towns import FIRST, LAST, TownMaker
from warehouse.memory import MemoryWarehouse

TOWNS_A_RUN = 150
RUNS = 16
LINES_AT_LEAST = 20_000
SITUATIONS = {
    "present",
    "present_unexpected",
    "planned",
    "absent_declared",
    "absent_undecided",
    "absent_justified",
    "absent_unjustified",
}
FAULTS = {
    None,
    "enrolment_missing",
    "payer_missing",
    "custody_missing",
    "formula_missing",
    "tariff_missing",
    "tariff_gap",
    "qf_missing",
    "income_missing",
    "residence_missing",
    "birth_date_missing",
    "level_missing",
    "too_many_modifiers",
}
FORMS = {"flat", "rate", "linear", "psu", "add", "percent", "replace", "minimum", "maximum"}


@pytest.fixture(scope="module")
def warehouse() -> MemoryWarehouse:
    return new_warehouse(compile_once())


@settings(max_examples=RUNS, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(first=st.integers(0, 2**32))
def test_sql_and_oracles_agree_to_the_cent_the_minute_and_the_plate(warehouse: MemoryWarehouse, first: int) -> None:
    seeds = range(first, first + TOWNS_A_RUN)
    many = [TownMaker(seed).town() for seed in seeds]
    for seed, town, computed in zip(seeds, many, compute(warehouse, many, FIRST, LAST), strict=True):
        assert differences(town, computed) == [], f"town {seed}"


def test_runs_are_enough_for_twenty_thousand_lines() -> None:
    counts = [len(all_lines(TownMaker(seed).town(), FIRST, LAST)) for seed in range(TOWNS_A_RUN)]
    assert RUNS * sum(counts) >= LINES_AT_LEAST


def test_again_or_in_any_order_of_rows_the_lines_are_the_same(warehouse: MemoryWarehouse) -> None:
    many = [TownMaker(seed).town() for seed in range(TOWNS_A_RUN)]
    once = compute(warehouse, many, FIRST, LAST)
    assert compute(warehouse, many, FIRST, LAST) == once
    assert compute(warehouse, many, FIRST, LAST, shuffle=Random(7).shuffle) == once


def test_no_line_is_there_twice(warehouse: MemoryWarehouse) -> None:
    many = [TownMaker(seed).town() for seed in range(TOWNS_A_RUN)]
    for computed in compute(warehouse, many, FIRST, LAST):
        names = [(line.child, line.service, line.day, line.kind, line.payer) for line in computed.lines]
        assert len(set(names)) == len(names)


def test_random_towns_meet_every_situation_and_every_fault(warehouse: MemoryWarehouse) -> None:
    many = [TownMaker(seed).town() for seed in range(2 * TOWNS_A_RUN)]
    found = [line for computed in compute(warehouse, many, FIRST, LAST) for line in computed.lines]
    assert {line.situation for line in found} == SITUATIONS
    assert {line.fault for line in found} == FAULTS
    assert {line.kind for line in found} == {"meal", "formula", "care"}
    assert {line.held_back for line in found} == {None, "hole", "silent_terminal"}
    assert sum(line.provisional for line in found) > 10
    assert sum(line.departure_derived for line in found) > 10


def test_random_towns_use_every_form_of_price() -> None:
    towns = [TownMaker(seed).town() for seed in range(TOWNS_A_RUN)]
    assert {step.form for town in towns for line in all_lines(town, FIRST, LAST) for step in line.steps} == FORMS
