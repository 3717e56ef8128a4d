"""Reading what the kitchen's orders came to: the ledger, and how far each way to foretell was off."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from warehouse.meal_rows import MealAccuracy, MealChoice, MealDelay, MealDietTotal, MealLedgerRow
from warehouse.rows import MARTS, read_rows

Days = tuple[date, date]
Places = tuple[str, list[Any]]
"""A condition on places that follows another, and its values."""

# The same days for all three when the agents ordered; else the estimate and the rule on all normal days.
_ACCURACY = f"""
with days as (
    select * from {MARTS}.fct_meal_accuracy where is_normal and day between ? and ? %s
),
ways as (
    select 1 as place, 'forecast' as way, forecast as said, served, lo80, hi80, lo95, hi95 from days
    union all
    select 2, 'simple_rule', simple_rule, served, null, null, null, null from days
    union all
    select 3, 'forecast_where_ordered', forecast, served, lo80, hi80, lo95, hi95 from days where ordered is not null
    union all
    select 4, 'ordered', ordered, served, null, null, null, null from days where ordered is not null
)
select
    place,
    way,
    cast(count(*) as integer) as days,
    cast(sum(served) as integer) as meals,
    cast(100 * sum(abs(said - served)) / sum(served) as decimal(8, 2)) as error,
    cast(100 * sum(said - served) / sum(served) as decimal(8, 2)) as bias,
    cast(100 * avg(case when served between lo80 and hi80 then 1 when lo80 is not null then 0 end) as decimal(8, 1))
        as within_80,
    cast(100 * avg(case when served between lo95 and hi95 then 1 when lo95 is not null then 0 end) as decimal(8, 1))
        as within_95
from ways
group by place, way
"""  # noqa: S608 (our names)


def meal_ledger(connection: duckdb.DuckDBPyConnection, days: Days, places: Places) -> list[MealLedgerRow]:
    """Return the rows of the ledger, both days included, by day and place."""
    where, values = places
    rest = (
        f"from {MARTS}.fct_meal_ledger where day between ? and ? {where} order by day, structure_ref, service_ref"
    )
    found: list[MealLedgerRow] = read_rows(connection, MealLedgerRow, rest, [*days, *values])
    return found


def meal_accuracy(connection: duckdb.DuckDBPyConnection, days: Days, places: Places) -> list[MealAccuracy]:
    """Return a line for each way that said something of the days, both included."""
    where, values = places
    rest = f"from ({_ACCURACY % where}) order by place"
    found: list[MealAccuracy] = read_rows(connection, MealAccuracy, rest, [*days, *values])
    return found


_CHOICE = f"""
with choices as (select * from {MARTS}.fct_meal_choices),
now as (select * from choices where is_current)
select
    now.way,
    (
        select min(known_until) from choices
        where known_until > coalesce((select max(known_until) from choices where way <> now.way), date '0001-01-01')
    ) as since,
    now.days, now.model_error, now.simple_error, now.planned_error
from now
"""  # noqa: S608 (our names)


def meal_choice(connection: duckdb.DuckDBPyConnection) -> MealChoice | None:
    """Return the way that answers for the town, and why; None while no meal is planned."""
    found: list[MealChoice] = read_rows(connection, MealChoice, f"from ({_CHOICE})", [])
    return found[0] if found else None


def meal_delays(connection: duckdb.DuckDBPyConnection, places: Places) -> list[MealDelay]:
    """Return what each delay would have missed, the shortest first; nothing until all can be compared."""
    where, values = places
    rest = f"from ({_DELAYS % where}) order by delay_days"
    found: list[MealDelay] = read_rows(connection, MealDelay, rest, values)
    return found


_DELAYS = f"""
select delay_days, cast(sum(days) as integer) as days,
    cast(100 * sum(missed) / sum(served) as decimal(8, 2)) as error,
    cast(100 * sum(leant) / sum(served) as decimal(8, 2)) as bias,
    cast(100 * sum(simple_missed) / sum(served) as decimal(8, 2)) as simple_error
from {MARTS}.fct_meal_delays where served > 0 %s group by delay_days
"""  # noqa: S608 (our names)


def meal_diets(connection: duckdb.DuckDBPyConnection, days: Days, places: Places) -> list[MealDietTotal]:
    """Return the ledger of each diet over the days known, both ends included, the most served first."""
    where, values = places
    rest = f"from ({_DIETS % where}) order by served desc, diet_label"
    found: list[MealDietTotal] = read_rows(connection, MealDietTotal, rest, [*days, *values])
    return found


_DIETS = f"""
select diet_label, cast(sum(ordered) as integer) as ordered, cast(sum(served) as integer) as served,
    cast(sum(left_over) as integer) as left_over, cast(sum(missing) as integer) as missing
from {MARTS}.fct_meal_diet_ledger where left_over is not null and day between ? and ? %s group by diet_label
"""  # noqa: S608 (our names)
