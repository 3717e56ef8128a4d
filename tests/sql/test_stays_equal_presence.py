"""The stays of the warehouse are those of `domain.presence`, on random days (docs/adr/0004).

Hypothesis draws seeds and each seed makes a day: so many days drawn choice by choice would be cut short.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from domain.presence import PresenceRule, PresenceTap, stays_from_taps
from domain.taps import Direction, TapKind
from domain.time import MICROS_PER_SECOND, instant_at
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.project import CompiledProject

DAY = date(2026, 11, 24)
OPENING = instant_at(DAY, 480, PARIS)
RULES = [PresenceRule(bounce, needs) for bounce in (0, 60, 300) for needs in (False, True)]
DAYS_A_RUN = 150


@dataclass(frozen=True)
class RandomDay:
    rule_no: int
    taps: tuple[PresenceTap, ...]


def random_day(seed: int) -> RandomDay:
    """A day of one child: few epochs, times that often collide or go backwards, undos of anything."""
    random = Random(seed)
    count = random.randint(1, 9)
    places = random.sample([(epoch, seq) for epoch in range(3) for seq in range(1, 41)], count)
    taps: list[PresenceTap] = []
    for number, (epoch, seq) in enumerate(places):
        kind = random.choice([TapKind.BADGE, TapKind.BADGE, TapKind.ROLL_CALL, TapKind.UNDO])
        seconds = random.choice([0, 30, 59, 60, 61, 299, 300, 1800, random.randint(0, 4000)])
        taps.append(
            PresenceTap(
                tap_id=f"t{number}",
                epoch=f"e{epoch}",
                seq=seq,
                kind=kind,
                occurred_at=OPENING + seconds * MICROS_PER_SECOND,
                direction=random.choice([None, Direction.ARRIVAL, Direction.DEPARTURE]),
                undoes=f"t{random.randint(0, count)}" if kind is TapKind.UNDO else None,
            )
        )
    return RandomDay(random.randrange(len(RULES)), tuple(taps))


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    return MemoryWarehouse(compiled, ["int_attendance__stays"])


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seeds=st.lists(st.integers(0, 2**32), min_size=DAYS_A_RUN, max_size=DAYS_A_RUN, unique=True))
def test_stays_in_sql_are_those_of_the_fold(warehouse: MemoryWarehouse, seeds: list[int]) -> None:
    days = [random_day(seed) for seed in seeds]
    with warehouse.filled(world_of(days).rows) as connection:
        stays = connection.execute(
            "select child_id, stay_no, arrivals.tap_id, departures.tap_id, is_open "
            "from intermediate.int_attendance__stays "
            "left join staging.stg_records__taps as arrivals on arrival_tap_no = arrivals.tap_no "
            "left join staging.stg_records__taps as departures on departure_tap_no = departures.tap_no "
            "order by child_id, stay_no"
        ).fetchall()
        effects = connection.execute(
            "select child_id, case when effect = 'undone' then 'undone ' else '' end || tap_id "
            "from intermediate.int_attendance__tap_effects inner join staging.stg_records__taps using (tap_no) "
            "where effect in ('repeat', 'undone')"
        ).fetchall()
    expected_stays: list[tuple[object, ...]] = []
    expected_effects: set[tuple[int, str]] = set()
    for child_id, day in enumerate(days, 1):
        presence = stays_from_taps(day.taps, RULES[day.rule_no])
        for stay in presence.stays:
            ends = [None if tap is None else f"{child_id}-{tap.tap_id}" for tap in (stay.arrival, stay.departure)]
            expected_stays.append((child_id, stay.number, *ends, stay.is_open))
        expected_effects |= {(child_id, f"{child_id}-{tap_id}") for tap_id in presence.repeats}
        expected_effects |= {(child_id, f"undone {child_id}-{tap_id}") for tap_id in presence.undone}
    assert stays == expected_stays
    assert set(effects) == expected_effects


def test_random_days_hold_every_kind_of_stay() -> None:
    folds = [stays_from_taps(day.taps, RULES[day.rule_no]) for day in map(random_day, range(DAYS_A_RUN))]
    stays = [stay for fold in folds for stay in fold.stays]
    assert max(len(fold.stays) for fold in folds) >= 3
    assert any(stay.arrival is None for stay in stays)
    assert any(stay.is_open for stay in stays)
    assert any(fold.repeats for fold in folds)
    assert any(fold.undone for fold in folds)


def world_of(days: list[RandomDay]) -> RawWorld:
    """One child a day, all at one place; each rule is a service."""
    world = RawWorld().town().about(OPENING, DAY, DAY)
    place = world.structure("ecole")
    device = world.add("device", label="Borne", structure_id=place)
    for number, rule in enumerate(RULES):
        service = world.service(f"s{number}")
        world.offer(service, place)
        world.rule(service, anti_bounce_seconds=rule.anti_bounce_seconds, needs_departure=rule.needs_departure)
    for child_id, day in enumerate(days, 1):
        world.person(f"c{child_id}", id=child_id)
        for tap in day.taps:
            world.tap(
                f"{child_id}-{tap.tap_id}",
                device_id=device,
                epoch=tap.epoch,
                seq=tap.seq,
                kind=tap.kind,
                child_ref=None if tap.kind is TapKind.UNDO else f"c{child_id}",
                undoes=f"{child_id}-{tap.undoes}" if tap.undoes else None,
                service_ref=f"s{day.rule_no}",
                direction=tap.direction,
                occurred_at=tap.occurred_at,
            )
    return world
