-- The simple rule: the take-up of the last same weekdays, at each origin. What any estimate must beat.
with recent as (
    select
        origins.origin,
        observed.site,
        observed.weekday,
        observed.base,
        observed.taken,
        row_number() over (
            partition by origins.origin, observed.site, observed.weekday order by observed.day desc
        ) as recency
    from {{ ref('int_meals__origins') }} as origins
    inner join {{ ref('int_forecast__observed') }} as observed
        on observed.day < origins.known_until and observed.day >= origins.known_until - {{ var('meal_take_up_window_days') }}
    where not observed.is_strike and observed.taken > 0
)

select
    origin,
    site,
    weekday,
    1.0 * sum(taken) / sum(base) as rate
from recent
where recency <= {{ var('meal_take_up_days') }}
group by origin, site, weekday
