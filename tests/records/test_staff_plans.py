"""Animators planned: said by whoever runs the place, never edited, refused when they mean nothing."""

from dataclasses import replace

import pytest

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.operations.staff_plans import NewStaffPlan, plan_staff, staff_plans
from tests.factories.town import OTHER_SCHOOL, SCHOOL, TODAY, place_ids

EVENING = NewStaffPlan(SCHOOL, TODAY, 990, 1110, 3)


def test_plan_of_a_day_comes_after_those_of_every_week_and_none_is_lost(town: Records) -> None:
    plan_staff(town, SETUP, replace(EVENING, animators=1, is_one_day=True))
    plan_staff(town, SETUP, EVENING)
    plan_staff(town, SETUP, replace(EVENING, animators=4))
    assert [(seen.weekday, seen.animators, seen.is_one_day) for seen in staff_plans(town, SETUP, SCHOOL)] == [
        (1, 3, False),
        (1, 4, False),
        (1, 1, True),
    ]
    assert staff_plans(town, SETUP, OTHER_SCHOOL) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start_minute": 980}, "demi-heure en demi-heure"),
        ({"end_minute": 990}, "après le début"),
        ({"animators": -1}, "de 0 à 200"),
        ({"period": "été"}, "Période inconnue"),
    ],
)
def test_plan_that_means_nothing_is_refused(town: Records, changes: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidData, match=said):
        plan_staff(town, SETUP, replace(EVENING, **changes))  # type: ignore[arg-type]
    assert staff_plans(town, SETUP, SCHOOL) == []


def test_director_plans_for_their_own_place_alone(town: Records) -> None:
    director = Actor("Direction", (Grant("leisure_director", place_ids(town)[SCHOOL]),))
    plan_staff(town, director, EVENING)
    with pytest.raises(NotAllowed):
        plan_staff(town, director, replace(EVENING, structure_ref=OTHER_SCHOOL))
    with pytest.raises(NotAllowed):
        staff_plans(town, director, OTHER_SCHOOL)
