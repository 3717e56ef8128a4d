-- Take-up of each served day, and whether it teaches anything: a strike, a closure, the first days of a school year
-- and an outing nobody declared (far from what the site usually serves) do not.
with rates as (
    select
        counts.site,
        counts.site_kind,
        counts.day,
        {{ school_year('counts.day') }} as school_year,
        counts.base,
        counts.taken,
        counts.human_order,
        days.weekday,
        days.calendar_class,
        days.menu_class,
        days.is_strike,
        1.0 * counts.taken / counts.base as rate,
        case when counts.taken > 0 and not days.is_strike then ln(1.0 * counts.taken / counts.base) end as log_rate
    from {{ ref('int_meals__counts') }} as counts
    inner join {{ ref('int_meals__days') }} as days on counts.day = days.day
    where counts.base > 0
),

usual as (
    select
        *,
        median(log_rate) over (
            partition by site order by day rows between 100 preceding and 1 preceding
        ) as usual_log_rate
    from rates
)

select
    site,
    site_kind,
    day,
    school_year,
    base,
    taken,
    human_order,
    weekday,
    calendar_class,
    menu_class,
    is_strike,
    rate,
    log_rate is not null
    and calendar_class <> 'rentree'
    and abs(log_rate - coalesce(usual_log_rate, log_rate)) < {{ var('forecast_outlier') }} as is_usable
from usual
