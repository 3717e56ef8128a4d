"""Whose a tap is, why it waits, and the stays after decisions: the same in SQL and in `domain.attendance`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from domain.attendance import (
    Attachment,
    DayService,
    DayTap,
    DecisionLine,
    PlacedTap,
    place_of,
    resolve,
    settled_stays,
    standing,
)
from domain.presence import PresenceRule, PresenceTap
from domain.slots import Slot
from domain.taps import Direction, TapKind
from domain.time import MICROS_PER_MINUTE, instant_at
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.project import CompiledProject

DAY = date(2026, 11, 24)
MIDNIGHT = instant_at(DAY, 0, PARIS)
REVOKED_AT = MIDNIGHT + 600 * MICROS_PER_MINUTE
PLACES = (1, 2)
CHILDREN = range(1, 9)
# Each service by ref: slot start, slot end, needs a departure; the third is closed on that day of the week.
SERVICES = {"s1": (450, 510, False), "s2": (500, 620, True), "s3": (600, 700, True)}
CLOSED = "s3"
RESOLVED = (
    "from intermediate.int_attendance__taps_resolved as resolved "
    "inner join staging.stg_records__taps using (tap_no) where unresolved_reason"
)
BADGES: dict[str, list[int]] = {"B1": [1], "B2": [2, 3], "B3": [4], "B4": []}


@dataclass(frozen=True)
class Decision:
    child_id: int
    service_ref: str
    structure_id: int
    seq: int
    kind: str
    occurred_at: int | None
    tap_id: str | None
    replaces: int | None


@dataclass
class World:
    taps: list[tuple[DayTap, int]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)


def random_world(seed: int) -> World:
    """A day of a few children at two places: taps of every kind, and decisions about them."""
    random = Random(seed)
    world = World()
    for number in range(random.randint(4, 20)):
        world.taps.append(_tap(random, number))
    kinds = [
        "absent_justified",
        "absent_unjustified",
        "arrival",
        "departure",
        "attach",
        "clear",
        "late_accepted",
        "late_waived",
    ]
    for number in range(random.randint(0, 12)):
        kind, minute = random.choice(kinds), random.randint(440, 700)
        world.decisions.append(
            Decision(
                child_id=random.choice(CHILDREN),
                service_ref=random.choice(sorted(SERVICES)),
                structure_id=random.choice(PLACES),
                seq=number,
                kind=kind,
                occurred_at=MIDNIGHT + minute * MICROS_PER_MINUTE if kind in ("arrival", "departure") else None,
                tap_id=f"t{random.randint(0, len(world.taps))}" if kind == "attach" else None,
                replaces=random.randint(1, number) if number and random.random() < 0.2 else None,
            )
        )
    return world


def _tap(random: Random, number: int) -> tuple[DayTap, int]:
    kind = random.choice([TapKind.BADGE, TapKind.BADGE, TapKind.ROLL_CALL, TapKind.UNDO])
    minute, device = random.randint(440, 720), random.choice([1, 2, 3])
    subject = "" if kind is TapKind.UNDO else random.choice(["badge", "badge", "child", "nobody", "name"])
    distrust = "doubtful_time" if random.randint(0, 9) == 0 else None
    if distrust is None and device == 3 and minute >= 600:
        distrust = "revoked_device"
    tap = PresenceTap(
        f"t{number}",
        f"e{random.randint(0, 1)}",
        number + 1,
        kind,
        MIDNIGHT + minute * MICROS_PER_MINUTE,
        random.choice([None, Direction.ARRIVAL, Direction.DEPARTURE]),
        f"t{random.randint(0, 20)}" if kind is TapKind.UNDO else None,
    )
    day_tap = DayTap(
        tap,
        structure_id=1 if device == 1 else 2,
        minute=minute,
        badge_uid=random.choice(sorted(BADGES)) if subject == "badge" else None,
        child_id=random.choice(CHILDREN) if subject == "child" else None,
        typed_name="Zoé" if subject == "name" else None,
        service_ref=random.choice([None, "s1", "s2", "s3", "unknown"]),
        distrust=distrust,
    )
    return day_tap, device


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    return MemoryWarehouse(compiled, ["int_attendance__stays_settled"])


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 2**32))
def test_resolution_and_settled_stays_are_those_of_the_domain(warehouse: MemoryWarehouse, seed: int) -> None:
    world = random_world(seed)
    offered = {place: _offered() for place in PLACES}
    placed, unresolved = resolve([tap for tap, _ in world.taps], BADGES, attachments(world), offered)
    with warehouse.filled(raw(world).rows) as connection:
        resolved = connection.execute(
            f"select tap_id, child_id, 's' || service_id, resolved.structure_id {RESOLVED} is null"
        ).fetchall()
        waiting = connection.execute(f"select distinct tap_id, unresolved_reason {RESOLVED} is not null").fetchall()
        stays = connection.execute(
            "select child_id, 's' || service_id, structure_id, stay_no, "
            "case when not is_arrival_derived then arrived_at end, "
            "case when needs_departure and not is_open and not is_departure_derived then left_at end "
            "from intermediate.int_attendance__stays_settled inner join "
            "(select service_id, structure_id, needs_departure from intermediate.int_calendar__service_days) "
            "using (service_id, structure_id)"
        ).fetchall()
    assert set(resolved) == {
        (one.tap.tap_id, child, service, one.structure_id)
        for (child, service), taps in placed.items()
        for one in taps
        if one.tap.kind is not TapKind.UNDO
    }
    assert set(waiting) == {(one.tap.tap.tap_id, one.reason) for one in unresolved}
    assert set(stays) == expected_stays(world, placed)


def test_random_days_meet_every_reason_to_wait() -> None:
    reasons: set[str] = set()
    settled = 0
    for seed in range(200):
        world = random_world(seed)
        offered = {place: _offered() for place in PLACES}
        placed, unresolved = resolve([tap for tap, _ in world.taps], BADGES, attachments(world), offered)
        reasons |= {one.reason for one in unresolved}
        settled += len(expected_stays(world, placed))
    everything = {"doubtful_time", "revoked_device", "typed_name", "unknown_badge", "unknown_child", "no_service"}
    assert reasons == everything
    assert settled > 500


def _offered() -> dict[str, DayService]:
    return {
        ref: DayService(Slot(ref, start, end, 20), ref != CLOSED, PresenceRule(120, needs))
        for ref, (start, end, needs) in SERVICES.items()
    }


def attachments(world: World) -> dict[str, Attachment]:
    """Return of each tap's attachments the last that stands."""
    replaced = {d.replaces for d in world.decisions}
    found: dict[str, Attachment] = {}
    for number, made in enumerate(world.decisions, 1):
        about = _about(world, made.child_id, made.service_ref)
        cleared = max((d.seq for d in about if d.kind == "clear"), default=-1)
        if made.kind == "attach" and made.tap_id and number not in replaced and made.seq > cleared:
            found[made.tap_id] = Attachment(made.child_id, made.service_ref, made.structure_id)
    return found


def _about(world: World, child_id: int, service_ref: str) -> list[Decision]:
    return [d for d in world.decisions if (d.child_id, d.service_ref) == (child_id, service_ref)]


def expected_stays(
    world: World, placed: dict[tuple[int, str], list[PlacedTap]]
) -> set[tuple[int, str, int, int, int | None, int | None]]:
    replaced = {d.replaces for d in world.decisions}
    numbers = {id(d): number for number, d in enumerate(world.decisions, 1)}
    found: set[tuple[int, str, int, int, int | None, int | None]] = set()
    for child_id, service_ref in {*placed, *((d.child_id, d.service_ref) for d in world.decisions)}:
        taps = placed.get((child_id, service_ref), [])
        lines = [
            DecisionLine(d.seq, d.kind, d.structure_id, d.occurred_at, numbers[id(d)] in replaced)
            for d in _about(world, child_id, service_ref)
        ]
        settled = standing(lines)
        needs = SERVICES[service_ref][2]
        place = place_of(taps) if taps else settled.structure_id
        stays = settled_stays(taps, PresenceRule(120, needs), settled)
        if not stays:
            continue
        assert place is not None
        # The place is that of the taps only when a tap that counts made a stay; decisions alone name their own.
        if not settled_stays(taps, PresenceRule(120, needs), standing([])):
            assert settled.structure_id is not None
            place = settled.structure_id
        for number, stay in enumerate(stays, 1):
            found.add((child_id, service_ref, place, number, stay.arrived_at, stay.left_at if needs else None))
    return found


def raw(world: World) -> RawWorld:
    rows = RawWorld().town().about(MIDNIGHT + 1200 * MICROS_PER_MINUTE, DAY, DAY)
    for place in PLACES:
        rows.structure(f"p{place}")
    for number, place in ((1, 1), (2, 2), (3, 2)):
        rows.add(
            "device", label=f"Borne {number}", structure_id=place, revoked_at=REVOKED_AT if number == 3 else None
        )
    for ref, (start, end, needs) in SERVICES.items():
        service = rows.service(ref)
        for place in PLACES:
            rows.offer(service, place)
        rows.rule(
            service,
            weekday_mask=1 if ref == CLOSED else 127,
            slot_start_minute=start,
            slot_end_minute=end,
            grace_minutes=20,
            needs_departure=needs,
        )
    for child in CHILDREN:
        rows.person(f"c{child}", id=child)
    for number, (uid, children) in enumerate(BADGES.items(), 1):
        since = DAY if number < 4 else date(2026, 11, 25)
        rows.add("badge_assignment", id=number, badge_uid=uid, valid_from=since, valid_to=date(2026, 11, 25))
        for child in children:
            rows.add("badge_child", assignment_id=number, child_id=child)
    # The same badge was somebody else's the day before.
    rows.add("badge_assignment", id=9, badge_uid="B1", valid_from=date(2026, 11, 1), valid_to=DAY)
    rows.add("badge_child", assignment_id=9, child_id=8)
    _add_events(rows, world)
    return rows


def _add_events(rows: RawWorld, world: World) -> None:
    for day_tap, device in world.taps:
        tap = day_tap.tap
        rows.tap(
            tap.tap_id,
            device_id=device,
            epoch=tap.epoch,
            seq=tap.seq,
            kind=tap.kind,
            badge_uid=day_tap.badge_uid,
            child_ref=f"c{day_tap.child_id}" if day_tap.child_id else None,
            typed_name=day_tap.typed_name,
            undoes=tap.undoes,
            service_ref=day_tap.service_ref,
            direction=tap.direction,
            occurred_at=tap.occurred_at,
            time_confidence="doubtful" if day_tap.distrust == "doubtful_time" else "synced",
        )
    for number, decision in enumerate(world.decisions, 1):
        rows.add(
            "attendance_decision",
            id=number,
            child_id=decision.child_id,
            service_id=int(decision.service_ref[1:]),
            structure_id=decision.structure_id,
            day=DAY,
            kind=decision.kind,
            occurred_at=decision.occurred_at,
            tap_id=decision.tap_id,
            recorded_at=0,
            replaces_id=decision.replaces,
        )
