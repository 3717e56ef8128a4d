{#- Level × weekday × day, applied to who is there to eat: for the days asked, and for the past ones as replayed.
    Where nothing at all is known of the town, all of them come. -#}
{%- set product = 'levels.level * levels.profile * levels.deviation * weights.factor' -%}
{%- set rate = 'least(coalesce(' ~ product ~ ', 1), ' ~ var('forecast_rate_max') ~ ')' -%}
with rows_wanted as (
    select
        origins.origin,
        origins.is_asked,
        origins.is_other_delay,
        origins.delay_days,
        asked.site,
        asked.site_kind,
        asked.day,
        asked.base,
        cast(null as integer) as taken,
        asked.human_order
    from {{ ref('int_meals__asked') }} as asked
    inner join {{ ref('int_meals__origins') }} as origins on origins.is_asked
    union all
    select
        origins.origin,
        origins.is_asked,
        origins.is_other_delay,
        origins.delay_days,
        counts.site,
        counts.site_kind,
        counts.day,
        counts.base,
        counts.taken,
        counts.human_order
    from {{ ref('int_meals__counts') }} as counts
    inner join {{ ref('int_meals__origins') }} as origins
        on counts.day >= origins.first_day
        and counts.day < origins.end_day
        and not origins.is_asked
    where counts.base > 0
)

select
    wanted.origin,
    wanted.is_asked,
    wanted.is_other_delay,
    wanted.delay_days,
    wanted.site,
    wanted.site_kind,
    wanted.day,
    {{ school_year('wanted.day') }} as school_year,
    days.weekday,
    days.calendar_class,
    days.menu_class,
    days.is_strike,
    wanted.base,
    wanted.taken,
    wanted.human_order,
    levels.level,
    levels.slow_level,
    levels.quick_level,
    levels.term_level,
    levels.profile,
    levels.deviation,
    weights.calendar_effect,
    weights.menu_effect,
    levels.basis_days,
    {{ rate }} as rate,
    wanted.base * {{ rate }} as prediction,
    wanted.base * coalesce(simple.rate, 1) as simple
from rows_wanted as wanted
inner join {{ ref('int_meals__days') }} as days on wanted.day = days.day
left join {{ ref('int_forecast__levels') }} as levels
    on wanted.origin = levels.origin and wanted.site = levels.site and days.weekday = levels.weekday
left join {{ ref('int_forecast__simple') }} as simple
    on wanted.origin = simple.origin and wanted.site = simple.site and days.weekday = simple.weekday
left join {{ ref('int_forecast__day_weights') }} as weights
    on wanted.origin = weights.origin and wanted.day = weights.day
where wanted.is_asked or levels.level is not null
