"""Lines, CAF minutes and plates in SQL are those of the slow oracles, on random small towns.

Hypothesis draws seeds, and each seed makes one town: a whole town drawn choice by choice would be cut short.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from random import Random

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.harness.memory_warehouse import MemoryWarehouse, kept_warehouse
from tests.oracles.computed import TARGETS, Computed, compute
from tests.oracles.proof import PACKAGES, Expected, expected_of, told_apart
from tests.oracles.random_towns import FIRST, LAST, TownMaker
from tests.oracles.world import Town

TOWNS_A_RUN = 480  # the more in one run of the SQL, the cheaper each
RUNS = 3
SHUFFLED = 100
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
    "contract_hours_missing",
    "hours_backwards",
}
FORMS = {"flat", "rate", "linear", "psu", "add", "percent", "replace", "minimum", "maximum"}


def warehouse() -> MemoryWarehouse:
    """Return the models, made once for all tests."""
    return kept_warehouse(*TARGETS)


def towns(first: int, count: int) -> list[Town]:
    """Return the towns of so many seeds."""
    return [TownMaker(seed).town() for seed in range(first, first + count)]


@lru_cache(maxsize=1)
def sample() -> tuple[list[Computed], list[Expected]]:
    """Return what both sides say of the first towns: several tests look at them."""
    return both(0)


def both(first: int) -> tuple[list[Computed], list[Expected]]:
    """Return what the SQL and the oracles say of a run of towns."""
    many = towns(first, TOWNS_A_RUN)
    return compute(warehouse(), many, FIRST, LAST), [expected_of(town, FIRST, LAST) for town in many]


@settings(max_examples=RUNS - 1, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@example(first=0)
@given(first=st.integers(TOWNS_A_RUN, 2**32))
def test_sql_and_oracles_agree_to_the_cent_the_minute_and_the_plate(first: int) -> None:
    outcomes, expected = sample() if first == 0 else both(first)
    for seed, (wanted, computed) in enumerate(zip(expected, outcomes, strict=True), first):
        assert told_apart(wanted, computed, FIRST, LAST) == [], f"town {seed}"


def test_runs_are_enough_for_twenty_thousand_lines() -> None:
    outcomes, _ = sample()
    assert RUNS * sum(len(computed.lines) for computed in outcomes) >= LINES_AT_LEAST


def test_again_or_in_any_order_of_rows_the_lines_are_the_same() -> None:
    many = towns(0, SHUFFLED)
    once = sample()[0][:SHUFFLED]
    assert compute(warehouse(), many, FIRST, LAST) == once
    assert compute(warehouse(), many, FIRST, LAST, shuffle=Random(7).shuffle) == once


def test_no_line_is_there_twice() -> None:
    for computed in sample()[0]:
        names = [(line.child, line.service, line.day, line.kind, line.payer) for line in computed.lines]
        assert len(set(names)) == len(names)


def test_what_bodies_pay_and_what_the_family_pays_are_the_price() -> None:
    for computed in sample()[0]:
        for line in computed.lines:
            parts = [part.amount for part in computed.covered if part.line is line]
            # What is given back corrects a month: one line of it may take back what another did not.
            assert not parts or (line.amount or 0) < 0 or 0 <= sum(parts) <= (line.amount or 0)


def test_no_body_takes_back_more_than_it_paid() -> None:
    for computed in sample()[0]:
        paid: dict[str, Decimal] = {}
        for part in computed.covered:
            paid[part.coverage] = paid.get(part.coverage, Decimal(0)) + part.amount
        assert all(amount >= 0 for amount in paid.values())


def test_random_towns_meet_every_situation_and_every_fault() -> None:
    found = [line for computed in sample()[0] for line in computed.lines]
    assert {line.situation for line in found} - {None} == SITUATIONS
    assert {line.fault for line in found} == FAULTS
    assert {line.kind for line in found} == {"meal", "formula", "care", "late_pickup", *PACKAGES}
    assert {line.held_back for line in found} == {None, "hole", "silent_terminal"}
    assert sum(line.provisional for line in found) > 10
    assert sum(line.departure_derived for line in found) > 10


def test_random_towns_have_packages_shared_by_custody_and_lines_covered_by_bodies() -> None:
    shared = set()
    for computed in sample()[0]:
        payers: dict[object, set[str | None]] = {}
        for line in computed.lines:
            payers.setdefault((line.child, line.service, line.day, line.kind), set()).add(line.payer)
        shared |= {name[-1] for name, several in payers.items() if isinstance(name, tuple) and len(several) > 1}
    assert shared >= {"membership", "sejour", "contract"}
    parts = [part for computed in sample()[0] for part in computed.covered]
    assert len(parts) > 200
    assert any(part.amount < 0 for part in parts)


def test_random_towns_use_every_form_of_price() -> None:
    assert {step.form for each in sample()[1] for line in each.lines for step in line.steps} == FORMS
