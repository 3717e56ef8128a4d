"""Reading what the kitchen's orders came to: the ledger, and how far each way to foretell was off."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from warehouse.rows import MARTS, MealAccuracy, MealChoice, MealLedgerRow, read_rows

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
