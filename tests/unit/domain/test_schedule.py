"""When a service opens and who is expected: the pure rule, against a slow obvious reading of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.schedule import (
    BookingLine,
    Calendar,
    EnrolmentSchedule,
    Expectation,
    Offer,
    Opening,
    OpeningRule,
    WeekPattern,
    cycle_week,
    days_between,
    expectations,
    in_force,
    openings,
    rule_in_force,
)

MONDAY = date(2026, 8, 31)
START, END = date(2026, 9, 1), date(2027, 7, 3)
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
EVERY_DAY = 0b1111111
PLACE, OTHER_PLACE, SERVICE, CHILD = 1, 2, 10, 100
YEAR = Calendar(((START, END),))
OFFER = Offer(SERVICE, PLACE, START, None)
RULE = OpeningRule(1, SERVICE, None, START, "school", EVERY_DAY)
PATTERN = WeekPattern(1, 1, None, None, START, None, "journee")
ENROLMENT = EnrolmentSchedule(1, CHILD, SERVICE, PLACE, START, None, (PATTERN,))
OPEN = {Opening(SERVICE, PLACE, TUESDAY, 1), Opening(SERVICE, OTHER_PLACE, TUESDAY, 1)}
EXPECTED = Expectation(CHILD, SERVICE, PLACE, TUESDAY, "journee")


def booking(action: str, seq: int = 1, place: int = PLACE, formula: str | None = None) -> BookingLine:
    """One word on the Tuesday."""
    return BookingLine(CHILD, SERVICE, place, TUESDAY, seq, action, formula)


def with_kind(*kinds: str) -> Calendar:
    """The school year with one special Tuesday."""
    return replace(YEAR, everywhere={TUESDAY: frozenset(kinds)})


def is_open(calendar: Calendar, rule: OpeningRule = RULE, day: date = TUESDAY) -> bool:
    """Whether the service opens at the place on a day."""
    return bool(openings([OFFER], [rule], calendar, [day]))


@pytest.mark.parametrize(
    ("period", "kinds", "opens"),
    [
        ("school", (), True),
        ("school", ("school_holiday",), False),
        ("school", ("bridge",), False),
        ("school", ("public_holiday",), False),
        ("school", ("closure",), False),
        ("holiday", (), False),
        ("holiday", ("school_holiday",), True),
        ("holiday", ("school_holiday", "public_holiday"), False),
        ("holiday", ("school_holiday", "closure"), False),
        ("holiday", ("bridge",), False),
        ("any", (), True),
        ("any", ("school_holiday",), True),
        ("any", ("bridge",), True),
        ("any", ("public_holiday",), False),
        ("any", ("closure",), False),
    ],
)
def test_period_and_kind_of_day_decide_whether_a_service_opens(
    period: str, kinds: tuple[str, ...], opens: bool
) -> None:
    assert is_open(with_kind(*kinds), replace(RULE, period=period)) is opens


def test_school_service_stays_shut_outside_the_school_year_and_any_service_does_not() -> None:
    rule = replace(RULE, valid_from=date(2020, 1, 1))
    outside = date(2027, 7, 6)
    assert not is_open(YEAR, rule, outside)
    assert is_open(YEAR, replace(rule, period="any"), outside)


def test_school_year_is_half_open() -> None:
    assert is_open(YEAR, day=START)
    assert is_open(YEAR, day=END - timedelta(days=1))
    assert not is_open(YEAR, day=END)


def test_closure_of_one_structure_shuts_it_alone() -> None:
    calendar = replace(YEAR, of_structure={(PLACE, TUESDAY): frozenset({"closure"})})
    offers = [OFFER, replace(OFFER, structure_id=OTHER_PLACE)]
    assert openings(offers, [RULE], calendar, [TUESDAY]) == {Opening(SERVICE, OTHER_PLACE, TUESDAY, 1)}


def test_service_opens_on_its_weekdays_only() -> None:
    tuesdays = replace(RULE, weekday_mask=0b0000010)
    assert is_open(YEAR, tuesdays)
    assert not is_open(YEAR, tuesdays, WEDNESDAY)


def test_service_without_a_rule_begun_stays_shut() -> None:
    assert not is_open(YEAR, replace(RULE, valid_from=TUESDAY + timedelta(days=1)))


def test_offer_is_half_open() -> None:
    offer = replace(OFFER, valid_from=TUESDAY, valid_to=WEDNESDAY)
    days = [TUESDAY - timedelta(days=1), TUESDAY, WEDNESDAY]
    assert {opening.day for opening in openings([offer], [RULE], YEAR, days)} == {TUESDAY}


def test_rule_of_the_place_holds_before_a_later_general_one() -> None:
    own = OpeningRule(2, SERVICE, PLACE, START, "any", EVERY_DAY)
    later = OpeningRule(3, SERVICE, None, date(2026, 10, 1), "school", EVERY_DAY)
    assert rule_in_force([RULE, own, later], PLACE, TUESDAY) == own
    assert rule_in_force([RULE, own, later], OTHER_PLACE, TUESDAY) == later


def test_latest_rule_that_has_begun_holds() -> None:
    later = replace(RULE, rule_id=2, valid_from=WEDNESDAY)
    assert rule_in_force([later, RULE], PLACE, TUESDAY) == RULE
    assert rule_in_force([later, RULE], PLACE, WEDNESDAY) == later
    assert rule_in_force([], PLACE, TUESDAY) is None


def test_weeks_of_the_cycle_take_turns_across_a_year_of_53_weeks() -> None:
    first, second = date(2026, 12, 28), date(2027, 1, 4)  # ISO weeks 53 and 1: both odd
    assert first.isocalendar().week % 2 == second.isocalendar().week % 2
    assert cycle_week(first, MONDAY) != cycle_week(second, MONDAY)


def test_cycle_goes_on_before_its_anchor() -> None:
    assert [cycle_week(MONDAY + timedelta(days=offset), MONDAY) for offset in (-14, -7, -1, 0, 6, 7)] == list(
        "ABBAAB"
    )


def test_child_is_expected_by_the_pattern_of_the_day() -> None:
    assert expectations([ENROLMENT], [], OPEN) == {EXPECTED}


def test_nobody_is_expected_where_the_service_is_shut() -> None:
    assert expectations([ENROLMENT], [], set()) == set()


def test_nobody_is_expected_outside_the_enrolment_or_the_pattern() -> None:
    ended = replace(ENROLMENT, valid_to=TUESDAY)
    later = replace(ENROLMENT, patterns=(replace(PATTERN, valid_from=WEDNESDAY),))
    other_day = replace(ENROLMENT, patterns=(replace(PATTERN, weekday=2),))
    assert expectations([ended, later, other_day], [], OPEN) == set()


def test_pattern_of_the_other_week_does_not_expect() -> None:
    week = cycle_week(TUESDAY, MONDAY)
    for cycle in "AB":
        pattern = replace(PATTERN, week_cycle=cycle, cycle_anchor_on=MONDAY)
        found = expectations([replace(ENROLMENT, patterns=(pattern,))], [], OPEN)
        assert bool(found) is (cycle == week)


@pytest.mark.parametrize(
    ("actions", "is_expected"),
    [
        (["cancel"], False),
        (["absence"], False),
        (["refuse"], False),
        (["wait"], True),
        (["book"], True),
        (["cancel", "wait"], False),
        (["cancel", "book"], True),
        (["book", "cancel"], False),
        (["absence", "accept"], True),
    ],
)
def test_last_word_that_is_not_wait_stands(actions: list[str], is_expected: bool) -> None:
    words = [booking(action, seq) for seq, action in enumerate(actions, 1)]
    assert bool(expectations([ENROLMENT], list(reversed(words)), OPEN)) is is_expected


def test_booking_without_a_formula_keeps_that_of_the_pattern() -> None:
    assert expectations([ENROLMENT], [booking("book")], OPEN) == {EXPECTED}
    changed = expectations([ENROLMENT], [booking("book", formula="matin")], OPEN)
    assert changed == {replace(EXPECTED, formula="matin")}


def test_booking_at_another_place_of_the_child_moves_the_day_there() -> None:
    there = replace(ENROLMENT, enrolment_id=2, structure_id=OTHER_PLACE, patterns=())
    found = expectations([ENROLMENT, there], [booking("book", place=OTHER_PLACE)], OPEN)
    assert found == {replace(EXPECTED, structure_id=OTHER_PLACE)}


def test_booking_without_an_enrolment_there_expects_nobody() -> None:
    assert expectations([], [booking("book")], OPEN) == set()
    assert expectations([ENROLMENT], [booking("book", place=OTHER_PLACE)], OPEN) == set()


def test_booking_on_a_day_that_was_closed_since_expects_nobody() -> None:
    assert expectations([ENROLMENT], [booking("book")], set()) == set()


def test_enrolment_begun_last_wins_the_day() -> None:
    later = replace(ENROLMENT, enrolment_id=2, structure_id=OTHER_PLACE, valid_from=date(2026, 10, 1))
    assert expectations([later, ENROLMENT], [], OPEN) == {replace(EXPECTED, structure_id=OTHER_PLACE)}


def test_inside_an_enrolment_the_newer_then_the_more_precise_pattern_wins() -> None:
    newer = replace(PATTERN, pattern_id=2, valid_from=date(2026, 10, 1), formula="matin")
    precise = replace(
        PATTERN, pattern_id=3, week_cycle=cycle_week(TUESDAY, MONDAY), cycle_anchor_on=MONDAY, formula="soir"
    )
    assert _formula(PATTERN, newer, precise) == "matin"
    assert _formula(precise, PATTERN) == "soir"


def _formula(*patterns: WeekPattern) -> str | None:
    return next(iter(expectations([replace(ENROLMENT, patterns=patterns)], [], OPEN))).formula


def test_days_between_are_both_included() -> None:
    assert list(days_between(TUESDAY, WEDNESDAY)) == [TUESDAY, WEDNESDAY]
    assert list(days_between(WEDNESDAY, TUESDAY)) == []


DAYS = st.integers(0, 40).map(lambda offset: date(2026, 11, 1) + timedelta(days=offset))
ENDS = st.none() | DAYS
PATTERNS = st.builds(
    WeekPattern,
    st.integers(1, 9),
    st.integers(0, 6),
    st.sampled_from([None, "A", "B"]),
    st.just(None),
    DAYS,
    ENDS,
    st.sampled_from([None, "matin"]),
).map(lambda p: replace(p, cycle_anchor_on=MONDAY if p.week_cycle else None))
ENROLMENTS = st.builds(
    EnrolmentSchedule,
    st.integers(1, 9),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(1, 2),
    DAYS,
    ENDS,
    st.lists(PATTERNS, max_size=3).map(tuple),
)
BOOKINGS = st.builds(
    BookingLine,
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(1, 2),
    DAYS,
    st.integers(1, 4),
    st.sampled_from(["book", "cancel", "absence", "accept", "refuse", "wait"]),
    st.sampled_from([None, "soir"]),
)
OPENED = st.sets(st.builds(Opening, st.integers(1, 2), st.integers(1, 2), DAYS, st.just(1)))


def expected_slowly(
    enrolments: list[EnrolmentSchedule], bookings: list[BookingLine], opened: Iterable[Opening]
) -> set[tuple[int, int, int, date]]:
    """Read the rule one child × service × day at a time, as a clerk would."""
    found = set()
    open_there = {(o.service_id, o.structure_id, o.day) for o in opened}
    for child in (1, 2, 3):
        for service in (1, 2):
            for day in days_between(date(2026, 11, 1), date(2026, 12, 11)):
                place = _place_slowly(child, service, day, enrolments, bookings, open_there)
                if place is not None:
                    found.add((child, service, place, day))
    return found


def _place_slowly(
    child: int,
    service: int,
    day: date,
    enrolments: list[EnrolmentSchedule],
    bookings: list[BookingLine],
    open_there: set[tuple[int, int, date]],
) -> int | None:
    mine = [
        e
        for e in enrolments
        if (e.child_id, e.service_id) == (child, service)
        and in_force(day, e.valid_from, e.valid_to)
        and (service, e.structure_id, day) in open_there
    ]
    words = [
        b for b in bookings if (b.child_id, b.service_id, b.day) == (child, service, day) and b.action != "wait"
    ]
    if words:
        last = max(words, key=lambda b: b.seq)
        agrees = last.action in ("book", "accept") and last.structure_id in {e.structure_id for e in mine}
        return last.structure_id if agrees else None
    speaking = [
        e
        for e in mine
        if any(
            p.weekday == day.weekday()
            and in_force(day, p.valid_from, p.valid_to)
            and (p.week_cycle is None or p.week_cycle == "AB"[((day - MONDAY).days // 7) % 2])
            for p in e.patterns
        )
    ]
    return max(speaking, key=lambda e: (e.valid_from, e.enrolment_id)).structure_id if speaking else None


@given(
    st.lists(ENROLMENTS, max_size=6, unique_by=lambda e: e.enrolment_id),
    st.lists(BOOKINGS, max_size=8, unique_by=lambda b: (b.child_id, b.service_id, b.day, b.seq)),
    OPENED,
)
def test_expectations_equal_a_slow_reading_of_the_rule(
    enrolments: list[EnrolmentSchedule], bookings: list[BookingLine], opened: set[Opening]
) -> None:
    found = expectations(enrolments, bookings, opened)
    places = [(each.child_id, each.service_id, each.structure_id, each.day) for each in found]
    assert len({(child, service, day) for child, service, _, day in places}) == len(places)
    assert set(places) == expected_slowly(enrolments, bookings, opened)
