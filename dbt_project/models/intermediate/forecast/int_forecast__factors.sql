{#- The whole town's day against the median of the same weekday's ordinary days around it, then the mean of each
    calendar class and of each menu class, one after the other (backfitting), shrunk to nothing when seldom seen. -#}
{%- set shrink = var('forecast_class_shrink') -%}
{%- set turns = 4 -%}
with town as (
    select
        day,
        weekday,
        max(school_year) as school_year,
        calendar_class,
        menu_class,
        1.0 * sum(taken) / sum(base) as rate,
        case when calendar_class = 'std' then 1.0 * sum(taken) / sum(base) end as ordinary_rate
    from {{ ref('int_forecast__observed') }}
    where not is_strike
    group by day, weekday, calendar_class, menu_class
),

around as (
    select
        origins.origin,
        town.*,
        case
            when count(town.ordinary_rate) over near >= 3 then median(town.ordinary_rate) over near
        end as local_rate
    from {{ ref('int_meals__origins') }} as origins
    inner join town
        on town.day < origins.known_until
        and town.day >= origins.known_until - {{ 2 * var('forecast_window_days') }}
    window near as (
        partition by origins.origin, town.school_year, town.weekday
        order by town.day rows between 5 preceding and 5 following
    )
),

compared as (
    select
        origin,
        calendar_class,
        menu_class,
        rate,
        coalesce(
            local_rate,
            last_value(local_rate ignore nulls) over (
                partition by origin, school_year, weekday
                order by day rows between unbounded preceding and current row
            ),
            first_value(local_rate ignore nulls) over (
                partition by origin, school_year, weekday
                order by day rows between current row and unbounded following
            )
        ) as reference_rate
    from around
),

cells as (
    select
        origin,
        calendar_class,
        menu_class,
        count(*) as days,
        sum(ln(rate / reference_rate)) as total
    from compared
    where
        rate > 0 and reference_rate > 0
        -- A strike known to be one may empty half the canteens.
        and (abs(ln(rate / reference_rate)) < {{ var('forecast_outlier') }} or calendar_class = 'strike')
    group by origin, calendar_class, menu_class
)
{%- for turn in range(turns) %},

calendar_{{ turn }} as (
    select
        cells.origin,
        cells.calendar_class,
        sum(cells.total {% if turn %}- cells.days * menus.effect{% endif %}) / (sum(cells.days) + {{ shrink }}) as effect,
        sum(cells.days) as days
    from cells
    {%- if turn %}
    inner join menu_{{ turn - 1 }} as menus
        on cells.origin = menus.origin and cells.menu_class = menus.menu_class
    {%- endif %}
    group by cells.origin, cells.calendar_class
),

menu_{{ turn }} as (
    select
        cells.origin,
        cells.menu_class,
        sum(cells.total - cells.days * calendars.effect) / (sum(cells.days) + {{ shrink }}) as effect,
        sum(cells.days) as days
    from cells
    inner join calendar_{{ turn }} as calendars
        on cells.origin = calendars.origin and cells.calendar_class = calendars.calendar_class
    group by cells.origin, cells.menu_class
)
{%- endfor %}

select
    origin,
    'calendar' as kind,
    calendar_class as class,
    effect,
    cast(days as integer) as days
from calendar_{{ turns - 1 }}
union all
select
    origin,
    'menu' as kind,
    menu_class as class,
    effect,
    cast(days as integer) as days
from menu_{{ turns - 1 }}
