"""Lines, CAF minutes and plates in SQL are those of the slow oracles, on random small towns.

Hypothesis draws seeds, and each seed makes one town: a whole town drawn choice by choice would be cut short.
"""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.harness.models import compile_once
from tests.oracles.computed import compute, new_warehouse
from tests.oracles.proof import differences
from tests.oracles.random_towns import FIRST, LAST, TownMaker
from warehouse.memory import MemoryWarehouse

TOWNS_A_RUN = 60
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
}


@pytest.fixture(scope="module")
def warehouse() -> MemoryWarehouse:
    return new_warehouse(compile_once())


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seeds=st.lists(st.integers(0, 2**32), min_size=TOWNS_A_RUN, max_size=TOWNS_A_RUN, unique=True))
def test_sql_and_oracles_agree_to_the_cent_the_minute_and_the_plate(
    warehouse: MemoryWarehouse, seeds: list[int]
) -> None:
    many = [TownMaker(seed).town() for seed in seeds]
    for seed, town, computed in zip(seeds, many, compute(warehouse, many, FIRST, LAST), strict=True):
        assert differences(town, computed) == [], f"town {seed}"


def test_random_towns_meet_every_situation_and_every_fault(warehouse: MemoryWarehouse) -> None:
    many = [TownMaker(seed).town() for seed in range(3 * TOWNS_A_RUN)]
    found = [line for computed in compute(warehouse, many, FIRST, LAST) for line in computed.lines]
    assert {line.situation for line in found} == SITUATIONS
    assert {line.fault for line in found} == FAULTS
    assert {line.kind for line in found} == {"meal", "formula", "care"}
    assert {line.held_back for line in found} == {None, "hole", "silent_terminal"}
    assert sum(line.provisional for line in found) > 10
    assert sum(line.departure_derived for line in found) > 10
