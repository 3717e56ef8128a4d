"""Presences and CAF hours against the opening hours of the place: what falls outside is named, the rest is not."""

from __future__ import annotations

from datetime import date

import pytest

from domain.time import instant_at
from tests.harness.memory_warehouse import MemoryWarehouse, kept_warehouse
from tests.sql.raw_world import PARIS, RawWorld
from tests.sql.test_coherence import CHILD, FAMILY, PAYER, SCHOOL, START, TODAY, a_whole_file

TUESDAY = date(2026, 11, 24)
OPEN, CLOSE = 450, 1110  # 07:30 to 18:30


@pytest.fixture(scope="module")
def warehouse() -> MemoryWarehouse:
    return kept_warehouse("fct_coherence_faults")


def opened(world: RawWorld, period: str = "school", valid_from: date = START, **minutes: int | None) -> None:
    """Say the hours of the school on Tuesdays."""
    hours = {"open_minute": OPEN, "close_minute": CLOSE, **minutes}
    usual = {"structure_id": SCHOOL, "weekday": 1, "seq": 1}
    world.add("structure_opening", period=period, valid_from=valid_from, **usual, **hours)


def an_evening(
    left: int, *, arrived: int = 1000, caf_hour_rule: str = "none", caf_kind: str = "periscolaire"
) -> RawWorld:
    """A child who came to the evening care today and left at a minute, as two taps say."""
    world = a_whole_file()
    evening = world.service("soir", caf_kind="none" if caf_hour_rule == "none" else caf_kind)
    world.rule(evening, slot_start_minute=arrived, slot_end_minute=1140, caf_hour_rule=caf_hour_rule)
    world.offer(evening, SCHOOL)
    days = {"valid_from": START}
    enrolment = world.add(
        "enrolment", person_id=CHILD, service_id=evening, structure_id=SCHOOL, category="enfant", **days
    )
    world.add("enrolment_payer", enrolment_id=enrolment, payer_id=PAYER, rule="all", **days)
    world.add("device", label="Borne", structure_id=SCHOOL)
    for seq, minute in enumerate((arrived, left), start=1):
        at = instant_at(TUESDAY, minute, PARIS)
        world.tap(
            f"t{seq}", device_id=1, epoch="e", seq=seq, kind="roll_call", child_ref="lea", service_ref="soir",
            direction="arrival" if seq == 1 else "departure", occurred_at=at,
        )  # fmt: skip
    return world


def rules(warehouse: MemoryWarehouse, world: RawWorld) -> list[str]:
    """The rules at fault."""
    with warehouse.filled(world.rows) as connection:
        asked = "select rule from marts.fct_coherence_faults order by fault_key"
        return [rule for (rule,) in connection.execute(asked).fetchall()]


@pytest.mark.parametrize(
    ("left", "found"),
    [(1110, []), (1125, []), (1126, ["presence_outside_hours"]), (1139, ["presence_outside_hours"])],
)
def test_presence_is_looked_at_a_quarter_of_an_hour_past_the_closing(
    warehouse: MemoryWarehouse, left: int, found: list[str]
) -> None:
    world = an_evening(left)
    opened(world)
    assert rules(warehouse, world) == found


@pytest.mark.parametrize(
    ("arrived", "left", "found"),
    [
        (1000, 1080, ["presence_outside_hours"]),  # all through the break
        (1000, 1030, []),
        (1000, 1050, ["presence_outside_hours"]),  # left in the middle of it
        (1000, 1035, []),  # a quarter of an hour after it began
        (1045, 1080, ["presence_outside_hours"]),
        (1055, 1100, []),  # a quarter of an hour before it ended
        (1075, 1100, []),
    ],
)
def test_presence_while_the_place_is_shut_inside_its_day_is_named(
    warehouse: MemoryWarehouse, arrived: int, left: int, found: list[str]
) -> None:
    world = an_evening(left, arrived=arrived)
    opened(world, shut_from_minute=1020, shut_until_minute=1070)
    assert rules(warehouse, world) == found


def test_place_that_never_said_its_hours_has_no_presence_outside_them(warehouse: MemoryWarehouse) -> None:
    world = an_evening(1139)
    opened(world, "holiday", close_minute=1000)
    opened(world, valid_from=date(2026, 11, 25), close_minute=1000)
    assert rules(warehouse, world) == []


def test_presence_on_a_weekday_when_the_place_is_shut_is_named_with_the_place(warehouse: MemoryWarehouse) -> None:
    world = an_evening(1050)
    opened(world)
    opened(world, valid_from=date(2026, 11, 1), open_minute=None, close_minute=None)
    with warehouse.filled(world.rows) as connection:
        asked = "select owner_role, severity, link_ref, message from marts.fct_coherence_faults"
        ((owner, severity, link, message),) = connection.execute(asked).fetchall()
    assert (owner, severity, link) == ("coordinator", "to_complete", "essai")
    assert "hors des horaires de École ecole, la dernière fois le 24/11/2026" in message


@pytest.mark.parametrize(("opens", "found"), [(990, []), (1060, ["caf_above_opening"])])
def test_caf_hours_above_the_opening_of_the_place_are_a_list_to_check(
    warehouse: MemoryWarehouse, opens: int, found: list[str]
) -> None:
    world = an_evening(1100, arrived=1060, caf_hour_rule="slot_full")
    world.add("regime", family_id=FAMILY, effective_from=START, recorded_at=1, caf_group="RG")
    opened(world, open_minute=opens)
    assert TUESDAY == TODAY
    assert rules(warehouse, world) == found


@pytest.mark.parametrize(("caf_kind", "found"), [("periscolaire", ["caf_above_opening"]), ("youth", [])])
def test_hours_of_a_child_out_of_age_are_not_held_against_the_opening(
    warehouse: MemoryWarehouse, caf_kind: str, found: list[str]
) -> None:
    world = an_evening(1100, arrived=1060, caf_hour_rule="slot_full", caf_kind=caf_kind)
    world.add("regime", family_id=FAMILY, effective_from=START, recorded_at=1, caf_group="RG")
    opened(world, open_minute=1060)
    assert rules(warehouse, world) == found
