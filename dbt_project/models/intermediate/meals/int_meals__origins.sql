-- One moment at which we forecast for good, and the past weeks replayed as if we had forecast them then.
with weeks as (
    select distinct cast(day - cast({{ weekday('day') }} as integer) as date) as week_monday
    from {{ ref('int_meals__counts') }}
),

moments as (
    select
        week_monday,
        known_until,
        true as is_asked
    from {{ ref('int_meals__moment') }}
    union all
    select
        weeks.week_monday,
        cast(weeks.week_monday - cast(moment.lead_days as integer) as date) as known_until,
        false as is_asked
    from weeks
    inner join {{ ref('int_meals__moment') }} as moment on weeks.week_monday >= moment.replayed_from
)

select
    cast(row_number() over (order by week_monday, is_asked) as integer) as origin,
    week_monday,
    known_until,
    {{ school_year('(week_monday + 4)') }} as school_year,
    is_asked
from moments
