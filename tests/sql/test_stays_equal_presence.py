"""The stays of the warehouse are those of `domain.presence`, on random days (docs/adr/0004)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.presence import PresenceRule, PresenceTap, stays_from_taps
from domain.taps import Direction, TapKind
from domain.time import MICROS_PER_SECOND, instant_at
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.memory import MemoryWarehouse
from warehouse.project import CompiledProject

DAY = date(2026, 11, 24)
OPENING = instant_at(DAY, 480, PARIS)
RULES = [PresenceRule(bounce, needs) for bounce in (0, 60, 300) for needs in (False, True)]
DAYS_A_RUN = 60


@dataclass(frozen=True)
class RandomDay:
    rule_no: int
    taps: tuple[PresenceTap, ...]


@st.composite
def random_days(draw: st.DrawFn) -> RandomDay:
    """A day of one child: few epochs, times that often collide or go backwards, undos of anything."""
    count = draw(st.integers(1, 9))
    seqs = draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 40)), min_size=count, max_size=count, unique=True)
    )
    taps: list[PresenceTap] = []
    for place, (epoch, seq) in enumerate(seqs):
        kind = draw(st.sampled_from([TapKind.BADGE, TapKind.BADGE, TapKind.ROLL_CALL, TapKind.UNDO]))
        seconds = draw(st.sampled_from([0, 30, 59, 60, 61, 299, 300, 1800]) | st.integers(0, 4000))
        taps.append(
            PresenceTap(
                tap_id=f"t{place}",
                epoch=f"e{epoch}",
                seq=seq,
                kind=kind,
                occurred_at=OPENING + seconds * MICROS_PER_SECOND,
                direction=draw(st.sampled_from([None, Direction.ARRIVAL, Direction.DEPARTURE])),
                undoes=f"t{draw(st.integers(0, count))}" if kind is TapKind.UNDO else None,
            )
        )
    return RandomDay(draw(st.integers(0, len(RULES) - 1)), tuple(taps))


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    return MemoryWarehouse(compiled, ["int_attendance__stays"])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(days=st.lists(random_days(), min_size=DAYS_A_RUN, max_size=DAYS_A_RUN))
def test_stays_in_sql_are_those_of_the_fold(warehouse: MemoryWarehouse, days: list[RandomDay]) -> None:
    with warehouse.filled(world_of(days).rows) as connection:
        stays = connection.execute(
            "select child_id, stay_no, arrival_tap_id, departure_tap_id, is_open "
            "from intermediate.int_attendance__stays order by child_id, stay_no"
        ).fetchall()
        effects = connection.execute(
            "select child_id, tap_id from intermediate.int_attendance__tap_effects where effect = 'repeat' "
            "union all select child_id, 'undone ' || tap_id from intermediate.int_attendance__tap_effects "
            "where effect = 'undone'"
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
