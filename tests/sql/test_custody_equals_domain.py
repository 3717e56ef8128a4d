"""Who has a child in the warehouse is what `domain.custody` says, on random custody calendars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from domain.custody import Custody, CustodyCycle, DayException, HolidayHalves, payer_on, school_holidays
from domain.time import instant_at
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.project import CompiledProject

# Over the turn of 2026, which has 53 weeks: weeks 53 and 1 are both odd.
FIRST, LAST = date(2026, 12, 7), date(2027, 2, 28)
DAYS = [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]
CHILDREN, PAYERS = range(1, 13), (1, 2, 3)


@dataclass
class World:
    """Random custody of some children, and the days marked as school holidays."""

    custody: dict[int, Custody]
    holiday_days: list[date]


def make_world(seed: int) -> World:
    random = Random(seed)
    start = random.choice(DAYS[5:20])
    marked = {start + timedelta(days=offset) for offset in range(random.randint(1, 17))}
    marked |= {date(2027, 2, 6) + timedelta(days=offset) for offset in range(random.randint(2, 17))}
    marked -= {random.choice(DAYS)}
    return World({child: _custody(random) for child in CHILDREN}, sorted(marked))


def _custody(random: Random) -> Custody:
    begins = [date(2026, 9, 1), *DAYS[:40]]
    cycles = tuple(
        CustodyCycle(
            start,
            random.choice([date(2026, 8, 31), date(2027, 1, 4), random.choice(DAYS)]),
            "".join(random.choice("12") for _ in range(14)),
            *random.sample(PAYERS, 2),
        )
        for start in random.sample(begins, random.randint(0, 2))
    )
    keys = {
        (random.choice(("christmas", "winter", "summer")), random.choice(begins))
        for _ in range(random.randint(0, 4))
    }
    halves = tuple(
        HolidayHalves(name, start, random.randint(2020, 2030), random.random() < 0.6, *random.sample(PAYERS, 2))
        for name, start in sorted(keys)
    )
    days = [random.choice(DAYS) for _ in range(random.randint(0, 6))]
    exceptions = tuple(
        DayException(random.choice(days[: seq + 1]), seq, random.choice([None, *PAYERS]))
        for seq in range(len(days))
    )
    return Custody(cycles, halves, exceptions)


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    return MemoryWarehouse(compiled, ["int_pricing__payers"])


@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 2**32))
def test_payer_of_each_day_in_sql_is_the_one_of_the_domain(warehouse: MemoryWarehouse, seed: int) -> None:
    world = make_world(seed)
    holidays = school_holidays(world.holiday_days)
    with warehouse.filled(raw(world).rows) as connection:
        custody = connection.execute("select child_id, day, payer_id from intermediate.int_pricing__custody")
        found = {(child, day): payer for child, day, payer in custody.fetchall()}
        payers = connection.execute(
            "select child_id, day, payer_id, payer_fault from intermediate.int_pricing__payers"
        ).fetchall()
    said = {(child, day): payer_on(day, world.custody[child], holidays) for child in CHILDREN for day in DAYS}
    assert found == {key: payer for key, payer in said.items() if payer is not None}
    assert len(payers) == len(said)
    for child, day, payer, fault in payers:
        expected = said[child, day]
        # Payers 1 and 2 are on the enrolment; a third one counts only once it is named there too.
        assert payer == (expected if expected in (1, 2) else None)
        assert fault == ("custody_missing" if expected is None else "payer_missing" if expected == 3 else None)


def raw(world: World) -> RawWorld:
    rows = RawWorld().town().about(instant_at(LAST, 0, PARIS), FIRST, LAST)
    structure, service = rows.structure("p"), rows.service("s")
    rows.offer(service, structure)
    rows.rule(service, bill_basis="booking")
    family = rows.add("family", ref="f")
    for payer in PAYERS:
        rows.add("payer", id=payer, ref=f"payeur-{payer}", family_id=family)
    for day in world.holiday_days:
        rows.add("calendar_day", zone="A", day=day, kind="school_holiday")
    rows.add("calendar_day", zone="B", day=date(2026, 12, 12), kind="school_holiday")
    for child in CHILDREN:
        rows.person(f"enfant-{child}", id=child)
        _enrol(rows, child, service, structure)
        _add_custody(rows, child, world.custody[child])
    return rows


def _enrol(rows: RawWorld, child: int, service: int, structure: int) -> None:
    start = date(2026, 9, 1)
    enrolment = rows.add(
        "enrolment",
        person_id=child,
        service_id=service,
        structure_id=structure,
        category="enfant",
        valid_from=start,
    )
    for weekday in range(7):
        rows.add("enrolment_pattern", enrolment_id=enrolment, weekday=weekday, valid_from=start)
    for payer in (1, 2):
        rows.add("enrolment_payer", enrolment_id=enrolment, payer_id=payer, rule="custody", valid_from=start)


def _add_custody(rows: RawWorld, child: int, custody: Custody) -> None:
    for cycle in custody.cycles:
        rows.add(
            "custody_calendar",
            child_id=child,
            valid_from=cycle.valid_from,
            anchor_on=cycle.anchor_on,
            pattern=cycle.pattern,
            payer_1_id=cycle.payer_1_id,
            payer_2_id=cycle.payer_2_id,
        )
    for rule in custody.halves:
        rows.add(
            "custody_holiday",
            child_id=child,
            holiday=rule.holiday,
            valid_from=rule.valid_from,
            anchor_year=rule.anchor_year,
            alternates=rule.alternates,
            first_payer_id=rule.first_payer_id,
            second_payer_id=rule.second_payer_id,
        )
    for exception in custody.exceptions:
        rows.add(
            "custody_exception",
            child_id=child,
            day=exception.day,
            payer_id=exception.payer_id,
        )
