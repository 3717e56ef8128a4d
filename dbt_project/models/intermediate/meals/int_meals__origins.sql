-- One moment at which we forecast for good, and the past weeks replayed as if we had forecast them then.
with weeks as (
    select distinct cast(day - cast({{ weekday('day') }} as integer) as date) as week_monday
    from {{ ref('int_meals__counts') }}
),

asked as (
    select
        cast(first_asked - cast({{ weekday('first_asked') }} as integer) as date) as week_monday,
        first_asked as known_until
    from (select min(day) as first_asked from {{ ref('int_meals__asked') }}) as asked
    where first_asked is not null
),

moments as (
    select week_monday, known_until, true as is_asked from asked
    union all
    select week_monday, cast(week_monday - {{ 7 * var('forecast_lead_weeks') }} as date), false from weeks
)

select
    cast(row_number() over (order by week_monday, is_asked) as integer) as origin,
    week_monday,
    known_until,
    cast(
        extract(year from week_monday) - case when extract(month from week_monday + 4) < 8 then 1 else 0 end
        as integer
    ) as school_year,
    is_asked
from moments
