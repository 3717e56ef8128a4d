"""Openings and expectations of the warehouse are those of `domain.schedule`, on random calendars and enrolments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.schedule import (
    BookingLine,
    Calendar,
    EnrolmentSchedule,
    Offer,
    OpeningRule,
    WeekPattern,
    expectations,
    openings,
)
from domain.time import instant_at
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.memory import MemoryWarehouse
from warehouse.project import CompiledProject

# The turn of 2026, which has 53 weeks: a cycle counted by ISO weeks would break here.
FIRST, LAST = date(2026, 12, 21), date(2027, 1, 17)
MONDAY = date(2026, 12, 28)
DAYS = [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]
PLACES, SERVICES, CHILDREN = (1, 2), (1, 2, 3), range(1, 13)

days = st.sampled_from(DAYS)
ends = st.none() | days
maybe_place = st.none() | st.sampled_from(PLACES)


@dataclass
class World:
    """One random town, as the domain and as the raw schema see it."""

    offers: list[Offer] = field(default_factory=list)
    rules: list[OpeningRule] = field(default_factory=list)
    school_years: list[tuple[date, date]] = field(default_factory=list)
    marks: list[tuple[int | None, date, str]] = field(default_factory=list)
    enrolments: list[EnrolmentSchedule] = field(default_factory=list)
    bookings: list[BookingLine] = field(default_factory=list)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    world = World()
    for service in SERVICES:
        for place in PLACES:
            for start in draw(st.lists(days, max_size=2, unique=True)):
                world.offers.append(Offer(service, place, start, _after(start, draw(ends))))
        keys = draw(st.lists(st.tuples(maybe_place, days), min_size=1, max_size=3, unique=True))
        for place_or_all, start in [(None, date(2020, 1, 1)), *keys]:
            period = draw(st.sampled_from(["school", "holiday", "any"]))
            mask = draw(st.integers(1, 127))
            world.rules.append(OpeningRule(len(world.rules) + 1, service, place_or_all, start, period, mask))
    world.school_years = [(date(2026, 9, 1), draw(days)), (draw(days), date(2027, 7, 3))]
    kinds = st.sampled_from(["school_holiday", "public_holiday", "bridge", "closure"])
    world.marks = draw(st.lists(st.tuples(maybe_place, days, kinds), max_size=12, unique=True))
    for child in CHILDREN:
        for _ in range(draw(st.integers(0, 3))):
            world.enrolments.append(_enrolment(draw, world, child))
        for seq in range(draw(st.integers(0, 4))):
            world.bookings.append(_booking(draw, child, seq))
    return world


def _after(start: date, end: date | None) -> date | None:
    return None if end is None or end <= start else end


def _enrolment(draw: st.DrawFn, world: World, child: int) -> EnrolmentSchedule:
    start = draw(st.sampled_from([date(2026, 9, 1), *DAYS[:8]]))
    patterns: list[WeekPattern] = []
    weekdays = st.tuples(st.integers(0, 6), st.sampled_from([None, "A", "B"]), st.sampled_from([start, *DAYS[:6]]))
    for weekday, week, since in draw(st.lists(weekdays, max_size=6, unique=True)):
        identifier = sum(len(e.patterns) for e in world.enrolments) + len(patterns) + 1
        anchor = draw(st.sampled_from([MONDAY, MONDAY - timedelta(days=28), MONDAY + timedelta(days=7)]))
        formula = draw(st.sampled_from([None, "matin", "journee"]))
        until = _after(since, draw(ends))
        patterns.append(WeekPattern(identifier, weekday, week, anchor if week else None, since, until, formula))
    return EnrolmentSchedule(
        len(world.enrolments) + 1,
        child,
        draw(st.sampled_from(SERVICES)),
        draw(st.sampled_from(PLACES)),
        start,
        _after(start, draw(ends)),
        tuple(patterns),
    )


def _booking(draw: st.DrawFn, child: int, seq: int) -> BookingLine:
    actions = st.sampled_from(["book", "cancel", "absence", "accept", "refuse", "wait"])
    return BookingLine(
        child,
        draw(st.sampled_from(SERVICES)),
        draw(st.sampled_from(PLACES)),
        draw(st.sampled_from(DAYS[:5])),
        seq,
        draw(actions),
        draw(st.sampled_from([None, "matin"])),
    )


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    return MemoryWarehouse(compiled, ["int_attendance__expected"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(world=worlds())
def test_openings_and_expectations_in_sql_are_those_of_the_domain(warehouse: MemoryWarehouse, world: World) -> None:
    opened = openings(world.offers, world.rules, calendar_of(world), DAYS)
    expected = expectations(world.enrolments, world.bookings, opened)
    with warehouse.filled(raw(world).rows) as connection:
        found_openings = connection.execute(
            "select service_id, structure_id, day, service_rule_id "
            "from intermediate.int_calendar__service_days where is_open"
        ).fetchall()
        found = connection.execute(
            "select child_id, service_id, structure_id, day, formula_code "
            "from intermediate.int_attendance__expected where is_expected"
        ).fetchall()
    assert set(found_openings) == {(o.service_id, o.structure_id, o.day, o.rule_id) for o in opened}
    assert sorted(found, key=str) == sorted(
        ((e.child_id, e.service_id, e.structure_id, e.day, e.formula) for e in expected), key=str
    )


def calendar_of(world: World) -> Calendar:
    everywhere: dict[date, frozenset[str]] = {}
    of_place: dict[tuple[int, date], frozenset[str]] = {}
    for place, day, kind in world.marks:
        if place is None:
            everywhere[day] = everywhere.get(day, frozenset()) | {kind}
        else:
            of_place[place, day] = of_place.get((place, day), frozenset()) | {kind}
    return Calendar(tuple(world.school_years), everywhere, of_place)


def raw(world: World) -> RawWorld:
    rows = RawWorld().town().about(instant_at(LAST, 0, PARIS), FIRST, LAST)
    for place in PLACES:
        rows.structure(f"p{place}")
    for service in SERVICES:
        rows.service(f"s{service}")
    for offer in world.offers:
        rows.offer(offer.service_id, offer.structure_id, valid_from=offer.valid_from, valid_to=offer.valid_to)
    for rule in world.rules:
        rows.rule(
            rule.service_id,
            id=rule.rule_id,
            structure_id=rule.structure_id,
            valid_from=rule.valid_from,
            period=rule.period,
            weekday_mask=rule.weekday_mask,
        )
    for start, end in world.school_years:
        rows.add("school_year", starts_on=start, ends_on=end)
    for number, (mark_place, day, kind) in enumerate(world.marks):
        zone = None if mark_place else ("*" if number % 2 else "A")
        rows.add("calendar_day", zone=zone, structure_id=mark_place, day=day, kind=kind)
    _add_people(rows, world)
    return rows


def _add_people(rows: RawWorld, world: World) -> None:
    for enrolment in world.enrolments:
        rows.add(
            "enrolment",
            id=enrolment.enrolment_id,
            person_id=enrolment.child_id,
            service_id=enrolment.service_id,
            structure_id=enrolment.structure_id,
            category="enfant",
            valid_from=enrolment.valid_from,
            valid_to=enrolment.valid_to,
        )
        for pattern in enrolment.patterns:
            rows.add(
                "enrolment_pattern",
                id=pattern.pattern_id,
                enrolment_id=enrolment.enrolment_id,
                weekday=pattern.weekday,
                week_cycle=pattern.week_cycle,
                cycle_anchor_on=pattern.cycle_anchor_on,
                formula=pattern.formula,
                valid_from=pattern.valid_from,
                valid_to=pattern.valid_to,
            )
    for booking in world.bookings:
        rows.add(
            "booking",
            person_id=booking.child_id,
            service_id=booking.service_id,
            structure_id=booking.structure_id,
            day=booking.day,
            seq=booking.seq,
            action=booking.action,
            formula=booking.formula,
        )
