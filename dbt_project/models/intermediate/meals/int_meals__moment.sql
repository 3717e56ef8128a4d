-- When we forecast for good: the day from which nothing is known, and how far back the past is replayed. Without a
-- day to come, the day after the last one known.
with days as (
    select
        (select min(asked.day) from {{ ref('int_meals__asked') }} as asked) as first_asked,
        (select max(counts.day) + 1 from {{ ref('int_meals__counts') }} as counts) as after_last
),

moments as (
    select coalesce(first_asked, after_last) as known_until
    from days
)

select
    cast(known_until - cast({{ weekday('known_until') }} as integer) as date) as week_monday,
    cast(known_until as date) as known_until,
    {{ 7 * var('forecast_lead_weeks') }} as lead_days,
    cast(known_until - {{ var('forecast_spread_days') }} as date) as replayed_from,
    cast(known_until - {{ var('forecast_other_delays_days') }} as date) as delays_from
from moments
where known_until is not null
