"""Openings and expectations of the warehouse are those of `domain.schedule`, on random calendars and enrolments."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from domain.schedule import (
    BookingLine,
    Calendar,
    EnrolmentSchedule,
    Event,
    Membership,
    Offer,
    OpeningRule,
    WeekPattern,
    expectations,
    openings,
)
from domain.time import instant_at
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.project import CompiledProject

# The turn of 2026, which has 53 weeks: a cycle counted by ISO weeks would break here.
FIRST, LAST = date(2026, 12, 21), date(2027, 1, 17)
MONDAY = date(2026, 12, 28)
DAYS = [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]
PLACES, SERVICES, CHILDREN = (1, 2), (1, 2, 3), range(1, 25)


@dataclass
class World:
    """One random town, as the domain and as the raw schema see it."""

    offers: list[Offer] = field(default_factory=list)
    rules: list[OpeningRule] = field(default_factory=list)
    school_years: list[tuple[date, date]] = field(default_factory=list)
    marks: list[tuple[int | None, date, str]] = field(default_factory=list)
    enrolments: list[EnrolmentSchedule] = field(default_factory=list)
    bookings: list[BookingLine] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)


class WorldMaker:
    """Makes one random town from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.pick = self.random.choice
        self.world = World()

    def make(self) -> World:
        world, random = self.world, self.random
        for service in SERVICES:
            for place in PLACES:
                for start in random.sample([date(2026, 9, 1), *DAYS[:12]], random.randint(0, 2)):
                    world.offers.append(Offer(service, place, start, self._after(start)))
            places = [None, *PLACES]
            keys = {(self.pick(places), self.pick(DAYS)) for _ in range(random.randint(0, 3))}
            for place_or_all, begin in sorted({(None, date(2020, 1, 1)), *keys}, key=str):
                period = self.pick(["school", "holiday", "any", "any"])
                mask = self.pick([127, 127, random.randint(1, 127)])
                world.rules.append(
                    OpeningRule(len(world.rules) + 1, service, place_or_all, begin, period, mask, 990, 1110)
                )
        world.school_years = [(date(2026, 9, 1), self.pick(DAYS)), (self.pick(DAYS), date(2027, 7, 3))]
        kinds = ["school_holiday", "public_holiday", "bridge", "closure"]
        for _ in range(random.randint(0, 12)):
            mark = (self.pick([None, *PLACES]), self.pick(DAYS), self.pick(kinds))
            if mark not in world.marks:
                world.marks.append(mark)
        world.events = [self._event() for _ in range(random.randint(0, 4))]
        for child in CHILDREN:
            self._add_child(child)
        return world

    def _add_child(self, child: int) -> None:
        world, random = self.world, self.random
        for _ in range(random.randint(0, 3)):
            world.enrolments.append(self._enrolment(child))
        for seq in range(random.randint(0, 4)):
            world.bookings.append(self._booking(child, seq))
        for start in sorted(random.sample(DAYS, random.randint(0, 2))):
            world.memberships.append(Membership(child, self.pick((1, 2)), start, self._after(start)))

    def _event(self) -> Event:
        start, class_id = self.pick(DAYS), self.pick([None, 1, 2])
        end = start + timedelta(days=self.random.randint(1, 9))
        kind = self.pick(["closure", "strike", "strike_served", "outing"])
        # The raw rules open from 990 to 1110.
        hours = self.pick([(None, None), (990, 1110), (900, 1440), (1000, 1110), (900, 1100)])
        return Event(kind, start, end, self.pick([None, 1, 2]), class_id, self.pick([None, 1, 2, 3]), *hours)

    def _after(self, start: date) -> date | None:
        end = self.pick([None, None, *DAYS])
        return None if end is None or end <= start else end

    def _enrolment(self, child: int) -> EnrolmentSchedule:
        start = self.pick([date(2026, 9, 1), *DAYS[:8]])
        patterns: list[WeekPattern] = []
        keys = {
            (self.random.randint(0, 6), self.pick([None, "A", "B"]), self.pick([start, *DAYS[:6]]))
            for _ in range(self.random.randint(0, 8))
        }
        for weekday, week, since in sorted(keys, key=str):
            identifier = sum(len(e.patterns) for e in self.world.enrolments) + len(patterns) + 1
            anchor = self.pick([MONDAY, MONDAY - timedelta(days=28), MONDAY + timedelta(days=7)]) if week else None
            formula, until = self.pick([None, "matin", "journee"]), self._after(since)
            hours = self._hours()
            patterns.append(WeekPattern(identifier, weekday, week, anchor, since, until, formula, *hours))
        number, service, place = len(self.world.enrolments) + 1, self.pick(SERVICES), self.pick(PLACES)
        return EnrolmentSchedule(number, child, service, place, start, self._after(start), tuple(patterns))

    def _booking(self, child: int, seq: int) -> BookingLine:
        action = self.pick(["book", "book", "cancel", "absence", "accept", "refuse", "wait"])
        day, formula, hours = self.pick(DAYS), self.pick([None, "matin"]), self._hours()
        own = [enrolment for enrolment in self.world.enrolments if enrolment.child_id == child]
        if own and self.random.random() < 0.9:
            enrolment = self.pick(own)
            days = [d for d in DAYS if d.weekday() in {pattern.weekday for pattern in enrolment.patterns}] or DAYS
            return BookingLine(
                child, enrolment.service_id, enrolment.structure_id, self.pick(days), seq, action, formula, *hours
            )
        return BookingLine(child, self.pick(SERVICES), self.pick(PLACES), day, seq, action, formula, *hours)

    def _hours(self) -> tuple[int | None, int | None]:
        return self.pick([(None, None), (480, 720), (600, 1020)])


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    return MemoryWarehouse(compiled, ["int_attendance__expected"])


@settings(max_examples=50, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 2**32))
def test_openings_and_expectations_in_sql_are_those_of_the_domain(warehouse: MemoryWarehouse, seed: int) -> None:
    world = WorldMaker(seed).make()
    opened = openings(world.offers, world.rules, calendar_of(world), DAYS, world.events)
    expected = expectations(world.enrolments, world.bookings, opened, world.memberships)
    with warehouse.filled(raw(world).rows) as connection:
        found_openings = connection.execute(
            "select service_id, structure_id, day, service_rule_id "
            "from intermediate.int_calendar__service_days where is_open"
        ).fetchall()
        found = connection.execute(
            "select child_id, service_id, structure_id, day, formula_code, planned_start_minute, "
            "planned_end_minute "
            "from intermediate.int_attendance__expected where is_expected"
        ).fetchall()
    assert set(found_openings) == {(o.service_id, o.structure_id, o.day, o.rule_id) for o in opened}
    assert sorted(found, key=str) == sorted(
        (
            (e.child_id, e.service_id, e.structure_id, e.day, e.formula, e.start_minute, e.end_minute)
            for e in expected
        ),
        key=str,
    )


def test_random_towns_expect_children_by_pattern_and_by_booking() -> None:
    found = []
    for seed in range(30):
        world = WorldMaker(seed).make()
        opened = openings(world.offers, world.rules, calendar_of(world), DAYS)
        with_bookings = expectations(world.enrolments, world.bookings, opened)
        by_pattern = expectations(world.enrolments, [], opened)
        found.append((len(by_pattern), len(with_bookings - by_pattern), len(by_pattern - with_bookings)))
    assert sum(patterns for patterns, _, _ in found) > 200
    assert sum(added for _, added, _ in found) > 20
    assert sum(removed for _, _, removed in found) > 20


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
    for event in world.events:
        rows.add("calendar_event", **asdict(event))
    cancelled = Event("closure", FIRST, LAST)
    rows.add("calendar_event", **asdict(cancelled), cancelled_at=1)
    for each in world.memberships:
        rows.add(
            "class_membership",
            person_id=each.child_id,
            class_id=each.class_id,
            valid_from=each.valid_from,
            valid_to=each.valid_to,
        )
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
                start_minute=pattern.start_minute,
                end_minute=pattern.end_minute,
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
            action=booking.action,
            formula=booking.formula,
            start_minute=booking.start_minute,
            end_minute=booking.end_minute,
        )
