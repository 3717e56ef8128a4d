{#- A day of the current school year tells more of it. -#}
{%- set boost = 'case when ' ~ school_year('days.day') ~ ' = days.school_year then ' ~ var('forecast_year_boost') ~ ' else 1 end' -%}
-- What a day weighs at an origin, and by how much its calendar and its menu multiply take-up.
with days as (
    select
        origins.origin,
        origins.first_day,
        origins.school_year,
        days.day,
        days.calendar_class,
        days.menu_class,
        days.day < origins.known_until as is_known,
        {{ days_from('days.day', 'origins.first_day') }} as age
    from {{ ref('int_meals__origins') }} as origins
    inner join {{ ref('int_meals__days') }} as days
        on (days.day < origins.known_until and days.day >= origins.known_until - {{ var('forecast_window_days') }})
        or (
            days.day >= origins.first_day
            and (origins.is_asked or days.day < origins.end_day)
        )
)

select
    days.origin,
    days.day,
    days.is_known,
    coalesce(calendars.effect, 0) as calendar_effect,
    coalesce(menus.effect, 0) as menu_effect,
    exp(coalesce(calendars.effect, 0) + coalesce(menus.effect, 0)) as factor,
    pow(0.5, days.age / {{ var('forecast_slow_days') }}) as slow_weight,
    pow(0.5, days.age / {{ var('forecast_fast_days') }}) * {{ boost }} as fast_weight,
    pow(0.5, days.age / 10.0) * {{ boost }} as quick_weight,
    pow(0.5, days.age / 90.0) * {{ boost }} as term_weight
from days
left join {{ ref('int_forecast__factors') }} as calendars
    on days.origin = calendars.origin and calendars.kind = 'calendar' and days.calendar_class = calendars.class
left join {{ ref('int_forecast__factors') }} as menus
    on days.origin = menus.origin and menus.kind = 'menu' and days.menu_class = menus.class
