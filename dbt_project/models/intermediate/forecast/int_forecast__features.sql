{#- What the second model learns from, for each forecast and each one replayed: the SQL model's parts, how the last
    same weekdays and the same days of last year stood against them, and how it has missed such days so far. A view:
    only the second model pays for it. -#}
{{ config(materialized='view') }}
{#- What a miss is learned by: the day's classes over the town, then what each site has of its own. -#}
{%- set encodings = {
    'class': (['calendar_class', 'site_kind'], 30),
    'menu': (['menu_class', 'site_kind'], 30),
    'month': (['month', 'site_kind'], 30),
    'week': (['week'], 50),
    'site_class': (['site', 'calendar_class'], 8),
    'site_menu': (['site', 'menu_class'], 8),
    'site_month': (['site', 'month'], 8),
    'site_weekday': (['site', 'weekday'], 8),
} -%}
with past as (
    select
        weights.origin,
        observed.site,
        observed.weekday,
        observed.day,
        case
            when observed.is_usable
                then observed.rate / weights.factor / levels.profile / levels.deviation / levels.level
        end as standing,
        row_number() over (
            partition by weights.origin, observed.site order by observed.day desc
        ) as recency
    from {{ ref('int_forecast__day_weights') }} as weights
    inner join {{ ref('int_forecast__observed') }} as observed on weights.day = observed.day
    inner join {{ ref('int_forecast__levels') }} as levels
        on weights.origin = levels.origin and observed.site = levels.site and observed.weekday = levels.weekday
    inner join {{ ref('int_meals__origins') }} as origins on weights.origin = origins.origin
    where weights.is_known and weights.day >= origins.known_until - 220 and not observed.is_strike
),

recent as (
    select
        origin,
        site,
        stddev_pop(standing) filter (where recency <= 32) as unsteadiness,
        avg(standing) filter (where recency <= 16) as last_month,
        avg(case when standing is null then 1 else 0 end) as odd_days
    from past
    group by origin, site
),

same_weekday as (
    select
        origin,
        site,
        weekday,
        standing,
        row_number() over (partition by origin, site, weekday order by day desc) as turn
    from past
    where standing is not null
),

weekdays as (
    select
        origin,
        site,
        weekday,
        {%- for turn in [1, 2, 3, 4] %}
        max(standing) filter (where turn = {{ turn }}) as back_{{ turn }},
        {%- endfor %}
        avg(standing) filter (where turn <= 4) as back_mean_4,
        avg(standing) filter (where turn <= 8) as back_mean_8,
        median(standing) filter (where turn <= 8) as back_median_8
    from same_weekday
    where turn <= 8
    group by origin, site, weekday
),

-- Last year's same time, against its own year.
seasons as (
    select
        site,
        day,
        school_year,
        rate / avg(rate) over (partition by site, school_year, weekday) as season,
        avg(rate) over (partition by site, school_year) as year_rate
    from {{ ref('int_forecast__observed') }}
    where is_usable
),

town_seasons as (
    select
        day,
        avg(avg(season)) over (order by day range between interval 10 days preceding and interval 10 days following)
            as town_season
    from seasons
    group by day
),

site_seasons as (
    select
        site,
        day,
        year_rate,
        avg(season) over (
            partition by site order by day range between interval 10 days preceding and interval 10 days following
        ) as site_season
    from seasons
),

bases as (
    select
        site,
        {{ school_year('day') }} as school_year,
        max(base) as base
    from {{ ref('int_meals__counts') }}
    group by site, {{ school_year('day') }}
),

known_days as (
    select
        origins.origin,
        cast(count(*) as integer) as year_days
    from {{ ref('int_meals__origins') }} as origins
    inner join {{ ref('int_meals__days') }} as days
        on days.day < origins.known_until
        and {{ school_year('days.day') }} = origins.school_year
    group by origins.origin
),

-- How much of what its agents ordered a site has eaten so far, and how far off they are.
order_days as (
    select
        site,
        weekday,
        day,
        greatest(least(1.0 * taken / human_order, 1.4), 0.6) as eaten
    from {{ ref('int_forecast__observed') }}
    where human_order > 0 and taken > 0 and not is_strike
),

order_habits as (
    select
        site,
        weekday,
        day,
        avg(eaten) over (partition by site order by day rows between 19 preceding and current row) as eaten,
        avg(abs(eaten - 1)) over (partition by site order by day rows between 39 preceding and current row) as off,
        avg(eaten) over (partition by site, weekday order by day rows between 7 preceding and current row)
            as weekday_eaten
    from order_days
),

missed as (
    select
        site,
        site_kind,
        day,
        weekday,
        calendar_class,
        menu_class,
        extract(month from day) as month,
        extract(week from day) as week,
        greatest(least(taken / prediction, 1.4), 0.6) - 1 as miss
    from {{ ref('int_forecast__expected') }}
    where not is_asked and not is_other_delay and not is_strike and taken > 0 and prediction > 0
)
{%- for name, (keys, shrink) in encodings.items() %},

-- All that was missed of such rows up to each day.
missed_by_{{ name }} as (
    select
        {{ keys | join(', ') }},
        day,
        sum(sum(miss)) over upto / (sum(count(*)) over upto + {{ shrink }}) as missed
    from missed
    group by {{ keys | join(', ') }}, day
    window upto as (partition by {{ keys | join(', ') }} order by day)
)
{%- endfor %}

select
    expected.origin,
    expected.is_asked,
    expected.site,
    expected.site_kind,
    expected.day,
    expected.calendar_class,
    expected.menu_class,
    expected.weekday,
    expected.base,
    expected.taken,
    expected.prediction,
    expected.is_strike,
    expected.human_order,
    cast(extract(month from expected.day) as integer) as month,
    cast(extract(week from expected.day) as integer) as week,
    expected.rate,
    expected.level,
    expected.quick_level / expected.level as quick,
    expected.term_level / expected.level as term,
    expected.slow_level / expected.level as slow,
    expected.deviation,
    expected.profile,
    expected.calendar_effect + expected.menu_effect as day_effect,
    expected.basis_days,
    recent.unsteadiness,
    recent.last_month,
    recent.odd_days,
    {%- for turn in [1, 2, 3, 4] %}
    weekdays.back_{{ turn }},
    {%- endfor %}
    weekdays.back_mean_4,
    weekdays.back_mean_8,
    weekdays.back_median_8,
    site_seasons.site_season,
    site_seasons.year_rate / expected.level as last_year,
    town_seasons.town_season,
    coalesce(known_days.year_days, 0) as year_days,
    1.0 * expected.base / former.base as base_change,
    {%- for name in encodings %}
    coalesce(missed_by_{{ name }}.missed, 0) as missed_by_{{ name }},
    {%- endfor %}
    expected.human_order / expected.prediction as order_share,
    1.0 * expected.human_order / expected.base as order_rate,
    order_habits.off as order_off,
    expected.human_order / expected.prediction * order_habits.eaten as order_eaten,
    expected.human_order / expected.prediction * order_weekdays.weekday_eaten as order_weekday_eaten
from {{ ref('int_forecast__expected') }} as expected
left join recent on expected.origin = recent.origin and expected.site = recent.site
left join weekdays
    on expected.origin = weekdays.origin and expected.site = weekdays.site and expected.weekday = weekdays.weekday
asof left join site_seasons on expected.site = site_seasons.site and expected.day - 361 >= site_seasons.day
asof left join town_seasons on expected.day - 361 >= town_seasons.day
left join known_days on expected.origin = known_days.origin
left join bases as former on expected.site = former.site and expected.school_year - 1 = former.school_year
inner join {{ ref('int_meals__origins') }} as origins on expected.origin = origins.origin
asof left join order_habits
    on expected.site = order_habits.site and origins.known_until > order_habits.day
asof left join order_habits as order_weekdays
    on expected.site = order_weekdays.site
    and expected.weekday = order_weekdays.weekday
    and origins.known_until > order_weekdays.day
{%- for name, (keys, shrink) in encodings.items() %}
asof left join missed_by_{{ name }}
    on origins.known_until > missed_by_{{ name }}.day
    {%- for key in keys %}
    {%- set own = 'extract(' ~ key ~ ' from expected.day)' if key in ('month', 'week') else 'expected.' ~ key %}
    and {{ own }} = missed_by_{{ name }}.{{ key }}
    {%- endfor %}
{%- endfor %}
where expected.prediction > 0 and not expected.is_other_delay
