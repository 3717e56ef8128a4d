"""The kitchen's estimate, quantities, accuracy and ledger on our own records: a made year, then any settings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.models import compile_once
from warehouse.meal_forecast import opened, run_models
from warehouse.project import CompiledProject

pytestmark = pytest.mark.xdist_group("meal_forecast")
COVERS = "int_meals__covers"
STAGED = ("services", "structures", "build_days", "menus", "meal_orders", "meal_wastes", "calendar_days",
          "calendar_events", "collectivity", "kitchen_settings")  # fmt: skip
GIVEN = (COVERS, "int_calendar__school_holidays", *(f"stg_records__{name}" for name in STAGED))
FORECAST, ACCURACY, LEDGER = "fct_meal_forecast", "fct_meal_accuracy", "fct_meal_ledger"
DELAYS, DIET_LEDGER, CHOICES = "fct_meal_delays", "fct_meal_diet_ledger", "fct_meal_choices"

# Four schools of 40 to 100 eaters, one in ten without pork, over 44 weeks known and 3 to come. Nine come of ten, a
# tenth fewer on Fridays, a sixth fewer when it is fish (one day in five). What a child does is by chance, but the
# same at each run.
_WORLD = """
create schema staging;
create schema marts;
create table days as
select cast(range as date) as day, range >= date '2026-06-29' as is_coming,
    date_diff('day', date '2025-09-01', range) % 5 = 2 as is_fish
from range(date '2025-09-01', date '2026-07-20', interval 1 day)
where isodow(range) in (1, 2, 4, 5);
create table intermediate.int_meals__covers as
select
    100 * school + child as child_id, 1 as service_id, days.day, school as structure_id,
    case when child % 10 = 0 then 'sans_porc' else 'standard' end as diet_code,
    case when child % 10 = 0 then 'Sans porc' else 'Standard' end as diet_label,
    false as is_basket, true as is_planned,
    not days.is_coming and (hash(school, child, days.day) % 1000) / 1000
        < 0.9 * (case when isodow(days.day) = 5 then 0.9 else 1 end) * (case when is_fish then 0.83 else 1 end)
        as is_served,
    not days.is_coming as is_over, false as is_absent, cast(null as varchar) as held_back
from days, range(1, 5) as schools(school), range(100) as children(child)
where child < 20 + 20 * school;
create table intermediate.int_calendar__school_holidays (holiday varchar, first_day date, last_day date);
create table staging.stg_records__services as
select 1 as service_id, 'cantine' as service_ref, 'Cantine' as service_label;
create table staging.stg_records__structures as
select school as structure_id, 'e' || school as structure_ref, 'École ' || school as structure_label
from range(1, 5) as schools(school);
create table staging.stg_records__build_days as select date '2026-06-26' as last_line_day;
create table staging.stg_records__menus as
select row_number() over () as menu_id, cast(null as bigint) as structure_id, day, 'Menu' as label,
    case when is_fish then 'fish' else 'meat' end as dish from days;
create table staging.stg_records__meal_orders as
select row_number() over () as meal_order_id, structure_id, service_id, day, diet_code, 'firm' as horizon, 1 as seq,
    cast(count(*) as integer) as quantity
from intermediate.int_meals__covers where day between date '2026-03-01' and date '2026-07-03' group by all;
create table staging.stg_records__meal_wastes (
    structure_id bigint, service_id bigint, day date, kind varchar, seq bigint, grams integer);
create table staging.stg_records__calendar_days (zone varchar, structure_id bigint, day date, kind varchar);
create table staging.stg_records__calendar_events (
    kind varchar, starts_on date, ends_on date, structure_id bigint, class_id bigint,
    service_id bigint);
create table staging.stg_records__collectivity as select 'A' as school_zone;
create table staging.stg_records__kitchen_settings as
select 1 as kitchen_setting_id, cast(null as bigint) as structure_id, date '2025-09-01' as valid_from, 1 as seq,
    5 as pack, 0 as minimum, 28 as supplier_days, 7 as firm_days, 900 as missing_cents, 300 as wasted_cents;
"""


@pytest.fixture(scope="module")
def project() -> CompiledProject:
    return compile_once()


@pytest.fixture(scope="module")
def year(project: CompiledProject) -> Iterator[duckdb.DuckDBPyConnection]:
    """A year of the made town, estimated."""
    with opened() as connection:
        for statement in _WORLD.split(";"):
            connection.execute(statement)
        run_models(connection, project, [FORECAST, ACCURACY, LEDGER, DELAYS, DIET_LEDGER, CHOICES], GIVEN)
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_habits_weekdays_and_menus_are_found_in_our_own_records(year: duckdb.DuckDBPyConnection) -> None:
    (off,) = rows(year, f"""
        select sum(abs(forecast - planned * 0.9 * case when isodow(day) = 5 then 0.9 else 1 end
            * case when is_fish then 0.83 else 1 end)) / sum(forecast)
        from marts.{FORECAST} inner join days using (day)
    """)[0]  # fmt: skip
    assert off < 0.03


def test_the_reason_names_the_weekday_the_menu_and_what_was_learned_from(year: duckdb.DuckDBPyConnection) -> None:
    (reason,) = rows(year, f"select any_value(reason) from marts.{FORECAST} where day = date '2026-07-03'")[0]
    (day,) = rows(year, "select is_fish from days where day = date '2026-07-03'")[0]
    assert "sur 100 prévus" in reason
    assert "le vendredi −" in reason
    assert ("poisson −" in reason) == day
    assert "jours connus" in reason


def test_diets_add_up_to_their_place_and_parts_multiply_to_the_take_up(year: duckdb.DuckDBPyConnection) -> None:
    assert rows(year, f"""
        select * from marts.{FORECAST}
        where abs(level * weekday_part * calendar_part * menu_part - take_up) > 0.002
            or abs(planned * take_up - forecast) > 0.1
    """) == []  # fmt: skip
    assert rows(year, f"select count(distinct diet_code), min(planned) > 0 from marts.{FORECAST}") == [(2, True)]


def test_intervals_hold_what_they_say_on_days_that_were_not_known(year: duckdb.DuckDBPyConnection) -> None:
    in_80, in_95 = rows(year, f"""
        select avg(cast(served between lo80 and hi80 as integer)),
            avg(cast(served between lo95 and hi95 as integer))
        from marts.{ACCURACY} where day >= date '2026-01-01'
    """)[0]  # fmt: skip
    assert 0.72 < in_80 < 0.88
    assert 0.90 < in_95 < 0.99


def test_the_estimate_is_nearer_than_the_simple_rule_and_than_ordering_what_is_planned(
    year: duckdb.DuckDBPyConnection,
) -> None:
    estimate, rule, agents = rows(year, f"""
        select sum(abs(forecast - served)), sum(abs(simple_rule - served)), sum(abs(ordered - served))
        from marts.{ACCURACY} where ordered is not null
    """)[0]  # fmt: skip
    assert estimate < rule < agents


def test_the_ledger_says_what_was_left_of_what_was_ordered(year: duckdb.DuckDBPyConnection) -> None:
    assert rows(year, f"""
        select count(*) from marts.{LEDGER}
        where ordered is not null and served is not null and left_over - missing <> ordered - served
    """) == [(0,)]  # fmt: skip
    coming = "where day >= date '2026-06-29'"
    assert rows(year, f"select count(served), count(left_over) from marts.{LEDGER} {coming}") == [(0, 0)]
    assert rows(year, f"select count(*) from marts.{LEDGER} where left_over > 0")[0] > (200,)


def test_the_ledger_of_diets_adds_up_to_that_of_their_place(year: duckdb.DuckDBPyConnection) -> None:
    assert rows(year, f"""
        select * from marts.{LEDGER} as place inner join (
            select structure_ref, day, sum(ordered) as ordered, sum(served) as served,
                sum(left_over) - sum(missing) as gap
            from marts.{DIET_LEDGER} group by all
        ) as diets using (structure_ref, day)
        where place.ordered is distinct from diets.ordered or place.served is distinct from diets.served
            or place.left_over - place.missing is distinct from diets.gap
    """) == []  # fmt: skip
    diets = rows(year, f"select diet_label, sum(left_over) > 0 from marts.{DIET_LEDGER} group by all order by 1")
    assert diets == [("Sans porc", True), ("Standard", True)]


def test_the_same_days_are_replayed_with_each_delay_and_nothing_later_is_known(
    year: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(year, f"select delay_days, sum(days), sum(served) from marts.{DELAYS} group by all order by 1")
    assert [delay for delay, _, _ in found] == [1, 7, 21, 42]
    assert len({(days, served) for _, days, served in found}) == 1
    assert found[0][1] > 100
    assert rows(year, """
        select * from intermediate.int_meals__origins as origins
        inner join forecast.int_forecast__day_weights as weights using (origin)
        where not is_asked and (known_until <> first_day - delay_days or (is_known and day >= known_until))
    """) == []  # fmt: skip


def test_the_model_answers_a_town_it_knows_best_from_the_week_it_is_known_to(
    year: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(year, f"select way, days, model_error, simple_error from marts.{CHOICES} where is_current")
    [(way, days, model, simple)] = found
    assert way == "model"
    assert days > 100
    assert model < simple
    first = f"select way, days, model_error from marts.{CHOICES} order by known_until limit 1"
    assert rows(year, first) == [("model", 0, None)]


def test_a_strike_through_which_the_canteens_serve_is_expected_as_the_former_ones_were(
    project: CompiledProject,
) -> None:
    with opened() as connection:
        for statement in _WORLD.split(";"):
            connection.execute(statement)
        connection.execute(_STRIKES)
        run_models(connection, project, [FORECAST], GIVEN)
        effect, reason = rows(
            connection,
            f"select avg(calendar_part), any_value(reason) from marts.{FORECAST} where day = {_STRIKE_ON}",
        )[0]
        others = rows(connection, f"select min(calendar_part) from marts.{FORECAST} where day <> {_STRIKE_ON}")[0][
            0
        ]
    # Half ate at six of them; seen six times, four fifths of that is believed.
    assert 0.5 < effect < 0.65
    assert others > 0.95
    assert "grève, service assuré −" in reason


_STRIKE_ON = "date '2026-06-30'"
_STRIKES = f"""
insert into staging.stg_records__calendar_events
select 'strike_served', day, day + 1, null, null, null from (
    select unnest([date '2026-01-06', '2026-02-03', '2026-03-03', '2026-04-07', '2026-05-05', '2026-06-02',
        {_STRIKE_ON}]) as day);
update intermediate.int_meals__covers set is_served = is_served and child_id % 2 = 0
where day in (select starts_on from staging.stg_records__calendar_events)
"""

_SETTINGS = st.fixed_dictionaries(
    {
        "planned": st.integers(0, 400),
        "rate": st.floats(0, 3),
        "below": st.floats(0, 200),
        "above": st.floats(0, 200),
        "pack": st.integers(1, 100),
        "minimum": st.integers(0, 1000),
        "missing": st.integers(1, 10_000),
        "wasted": st.integers(1, 10_000),
    }
)


@settings(max_examples=40, deadline=None)
@given(kitchens=st.lists(_SETTINGS, min_size=1, max_size=8))
def test_quantities_are_whole_packs_enough_and_never_absurd(
    project: CompiledProject, kitchens: list[dict[str, float]]
) -> None:
    model = next(each for each in project.models if each.name == FORECAST)
    with opened() as connection:
        for statement in _WORLD.split(";"):
            if "stg_records__services" in statement or "build_days" in statement or "create schema" in statement:
                connection.execute(statement)
        connection.execute(
            "create table given as select unnest(?, recursive := true), unnest(range(?)) as place",
            [kitchens, len(kitchens)],
        )
        for statement in _ARBITRARY.split(";"):
            connection.execute(statement)
        found = rows(
            connection,
            "select given.planned, given.pack, given.minimum, lo95, lo80, forecast, hi80, hi95, needed, quantity "
            f"from ({model.sql}) as made inner join given on made.structure_ref = 'e' || place",
        )
    assert len(found) == len(kitchens)
    for planned, pack, minimum, *ends, needed, quantity in found:
        assert ends == sorted(ends)
        assert ends[0] >= 0
        if planned == 0:
            assert (needed, quantity) == (0, 0)
            continue
        assert ends[0] - Decimal("0.1") <= needed <= ends[-1] + Decimal("0.1")
        assert quantity % pack == 0
        if needed > Decimal("0.5"):
            least = max(needed - Decimal("0.5"), minimum)
            assert least <= quantity < least + pack
        else:
            assert quantity == 0


_ARBITRARY = """
create table intermediate.int_meals__covers as
select 1 as service_id, place as structure_id, date '2026-06-29' as day, 'standard' as diet_code,
    'Standard' as diet_label, false as is_basket, child < planned as is_planned
from given, range(401) as children(child) where child <= planned;
create schema if not exists staging;
create table staging.stg_records__structures as
select place as structure_id, 'e' || place as structure_ref, 'École' as structure_label from given;
create table forecast.int_forecast__answers as
select place || '-1' as site, date '2026-06-29' as day, planned as base, planned * rate as prediction, rate,
    rate as level, 1.0 as profile, 1.0 as deviation, 0.0 as calendar_effect, 0.0 as menu_effect,
    3 as basis_days, 'model' as way,
    greatest(planned * rate - 2 * below, 0) as lo95, greatest(planned * rate - below, 0) as lo80,
    planned * rate + above as hi80, planned * rate + 2 * above as hi95
from given;
create table intermediate.int_meals__days as
select date '2026-06-29' as day, 'std' as calendar_class, 'unknown' as menu_class;
create table intermediate.int_meals__kitchens as
select place as structure_id, date '2026-06-29' as day, cast(pack as integer) as pack,
    cast(minimum as integer) as minimum, 28 as supplier_days, missing as missing_cents, wasted as wasted_cents
from given
"""
