"""Towns of three small schools, made by seed: who was nearer on their past answers, not behind the simple rule."""

from __future__ import annotations

import pytest

from tests.harness.models import compile_once
from warehouse.meal_files import GIVEN
from warehouse.meal_forecast import opened, run_models
from warehouse.project import CompiledProject

pytestmark = pytest.mark.xdist_group("meal_forecast")

NOISE = 0.002  # two meals in a thousand
# Schools of 8, 16 and 24 eaters over 26 weeks of four days and one to come. Each child has its own habit of being
# away, twice the town's at most; on Fridays a few more are away.
_TOWN = """
create table days as
select cast(range as date) as day, cast(isodow(range) - 1 as integer) as weekday,
    range >= date '2026-03-02' as is_coming
from range(date '2025-09-01', date '2026-03-09', interval 1 day) where isodow(range) in (1, 2, 4, 5);
create table eaters as
select school, day, weekday, is_coming, {away} * 2 * (hash({seed}, school, child) % 1000) / 1000 as away,
    (hash({seed}, school, child, day) % 1000) / 1000 as chance
from days, range(1, 4) as schools(school), range(24) as children(child) where child < 8 * school;
create table intermediate.int_meals__counts as
select 'École ' || school as site, 'E' as site_kind, day, count(*) as base,
    count(*) filter (where chance >= away + case when weekday = 4 then {friday} else 0 end) as taken,
    cast(null as bigint) as human_order
from eaters where not is_coming group by school, day order by day, school;
create table intermediate.int_meals__asked as
select 'École ' || school as site, 'E' as site_kind, day, count(*) as base, cast(null as bigint) as human_order
from eaters where is_coming group by school, day order by day, school;
create table intermediate.int_meals__days as
select day, weekday, 'std' as calendar_class, 'unknown' as menu_class, false as is_strike from days;
create table intermediate.int_meals__moment as
select date '2026-03-02' as week_monday, date '2026-03-02' as known_until, 21 as lead_days,
    date '2025-09-01' as replayed_from, cast(null as date) as delays_from;
"""
# By how much whoever answered was behind another, of the meals eaten once six weeks and their delay were known.
_BEHIND = """
select sum(chosen - {other}) / sum(taken) as behind
from (
    select expected.day, sum(expected.taken) as taken, sum(abs(replayed.prediction - expected.taken)) as chosen,
        sum(abs(expected.simple - expected.taken)) as simple,
        sum(abs(expected.prediction - expected.taken)) as model
    from forecast.int_forecast__expected as expected
    inner join forecast.int_forecast__replayed as replayed
        on expected.site = replayed.site and expected.day = replayed.day
    where not expected.is_asked and expected.day >= date '2025-11-03' group by expected.day
)
"""


@pytest.fixture(scope="module")
def project() -> CompiledProject:
    return compile_once()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("away", "friday", "way"), [(0.02, 0, "planned"), (0.10, 0.15, "model")])
def test_whatever_answers_in_a_small_town_is_not_behind_the_simple_rule(
    project: CompiledProject, seed: int, away: float, friday: float, way: str
) -> None:
    with opened() as connection:
        for statement in _TOWN.format(seed=seed, away=away, friday=friday).split(";"):
            connection.execute(statement)
        run_models(connection, project, ["int_forecast__answers", "int_forecast__replayed"], GIVEN)
        answered = connection.execute("select distinct way from forecast.int_forecast__answers").fetchall()
        for other in ("simple", "model"):
            behind = connection.execute(_BEHIND.format(other=other)).fetchall()[0][0]
            assert behind < NOISE, other
    assert answered == [(way,)]
