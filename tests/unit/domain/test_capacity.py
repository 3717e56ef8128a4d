"""Places by service, age group and quarter hour."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.capacity import ADULT_MONTHS, Capacity, Full, Occupant, age_in_months, first_full, in_force

START = date(2026, 9, 1)
TUESDAY = date(2026, 11, 24)
CARE, OTHER = 1, 2
YOUNG = Capacity(CARE, None, None, None, 36, 72, START, 1, 2)
WHOLE = Capacity(None, None, None, None, 0, 1800, START, 1, 3)

minutes = st.integers(0, 1439).flatmap(lambda start: st.tuples(st.just(start), st.integers(start + 1, 1440)))
occupants = st.builds(
    lambda person, hours, age: Occupant(person, CARE, hours[0], hours[1], age),
    st.integers(1, 12),
    minutes,
    st.integers(30, 150) | st.none(),
)
capacities = st.builds(
    lambda ages, places: Capacity(CARE, None, None, None, ages[0], ages[1], START, 1, places),
    st.sampled_from([(0, 72), (36, 72), (72, 144), (0, 1800)]),
    st.integers(0, 4),
)


def child(person_id: int, start: int = 480, end: int = 720, age: int | None = 40) -> Occupant:
    """A child in care from eight to noon."""
    return Occupant(person_id, CARE, start, end, age)


def test_each_group_that_holds_a_child_must_have_a_place() -> None:
    there = [child(1), child(2)]
    assert first_full([YOUNG, WHOLE], there[:1], child(9)) is None
    full = first_full([YOUNG, WHOLE], there, child(9))
    assert full is not None
    assert str(full) == "3 ans à moins de 6 ans : 2 places, prises"
    older = child(9, age=80)
    assert first_full([YOUNG, WHOLE], there, older) is None
    assert first_full([YOUNG, WHOLE], [*there, child(3, age=90)], older) is not None


def test_place_is_free_again_when_the_other_has_left() -> None:
    one_place = replace(YOUNG, places=1)
    morning = child(1, 480, 600)
    assert first_full([one_place], [morning], child(2, 600, 720)) is None
    full = first_full([replace(one_place, start_minute=0, end_minute=1440)], [morning], child(2, 590, 720))
    assert full is not None
    assert full.minute == 585  # they share the quarter hour of 9:45
    assert str(full).endswith("à 9\u00a0h\u00a045")


def test_hours_outside_a_capacity_do_not_count() -> None:
    noon = Capacity(CARE, None, 720, 780, 36, 72, START, 1, 0)
    assert first_full([noon], [], child(1, 480, 720)) is None
    assert first_full([noon], [], child(1, 480, 721)) is not None


def test_services_share_what_is_for_all_of_them_together() -> None:
    elsewhere = [replace(child(person), service_id=OTHER) for person in (1, 2, 3)]
    assert first_full([YOUNG], elsewhere, child(9)) is None
    assert first_full([WHOLE], elsewhere, child(9)) is not None


def test_somebody_in_two_services_takes_one_place_and_never_keeps_themselves_out() -> None:
    twice = [child(1), replace(child(1), service_id=OTHER), child(2)]
    assert first_full([WHOLE], twice, child(9)) is None
    assert first_full([replace(WHOLE, places=1)], [child(1)], child(1)) is None


def test_child_of_unknown_age_counts_in_every_group_and_an_adult_in_none_of_children() -> None:
    assert first_full([replace(YOUNG, places=1)], [child(1, age=None)], child(2)) is not None
    assert first_full([replace(YOUNG, places=0)], [], child(1, age=ADULT_MONTHS)) is None


def test_last_version_of_a_group_stands_and_other_groups_stay() -> None:
    less, corrected = (
        replace(YOUNG, valid_from=TUESDAY, places=1),
        replace(YOUNG, valid_from=TUESDAY, seq=2, places=4),
    )
    tuesdays, wednesdays = replace(YOUNG, weekday=1, places=9), replace(YOUNG, weekday=2)
    later = replace(YOUNG, valid_from=date(2027, 1, 1), places=0)
    everything = [corrected, less, YOUNG, WHOLE, tuesdays, wednesdays, later]
    assert sorted(each.places for each in in_force(everything, TUESDAY)) == [3, 4, 9]
    assert in_force([YOUNG], date(2026, 8, 31)) == []


def test_age_is_in_whole_months() -> None:
    born = date(2023, 11, 24)
    assert [age_in_months(born, date(2026, 11, day)) for day in (23, 24)] == [35, 36]
    assert age_in_months(born, date(2020, 1, 1)) == 0


@pytest.mark.parametrize(
    ("ages", "said"),
    [
        ((0, 1800), "tous âges"),
        ((0, 216), "moins de 18 ans"),
        ((216, 1800), "à partir de 18 ans"),
        ((36, 240), "3 ans à moins de 20 ans"),
        ((12, 36), "1 an à moins de 3 ans"),
        ((3, 30), "3 mois à moins de 30 mois"),
    ],
)
def test_age_group_is_said_as_people_say_it(ages: tuple[int, int], said: str) -> None:
    limit = replace(YOUNG, age_from_months=ages[0], age_to_months=ages[1])
    assert str(Full(limit, 0)).split("\u00a0")[0].split(" :")[0] == said


@given(st.lists(capacities, max_size=4), st.lists(occupants, max_size=14))
def test_people_let_in_one_by_one_never_exceed_a_capacity_at_any_minute(
    limits: list[Capacity], asking: list[Occupant]
) -> None:
    inside: dict[int, Occupant] = {}
    for each in asking:
        if each.person_id not in inside and first_full(limits, inside.values(), each) is None:
            inside[each.person_id] = each
    for limit in limits:
        for minute in range(0, 1440, 5):
            present = [
                each
                for each in inside.values()
                if each.start_minute <= minute < each.end_minute
                and (each.age_months is None or limit.age_from_months <= each.age_months < limit.age_to_months)
            ]
            assert len(present) <= limit.places
