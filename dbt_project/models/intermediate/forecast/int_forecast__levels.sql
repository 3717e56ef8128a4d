{#- Slow: the site's level shrunk to the town's, and its weekdays to the town's profile. Fast: the site's level now,
    once weekdays are taken out, shrunk to the slow one. -#}
{%- set shrink = var('forecast_level_shrink') -%}
with town as (
    select
        origin,
        sum(town_rate) / sum(town_weight) as rate
    from {{ ref('int_forecast__evidence') }}
    group by origin
),

profiles as (
    select
        evidence.origin,
        evidence.weekday,
        sum(evidence.town_rate) / sum(evidence.town_weight) / max(town.rate) as profile
    from {{ ref('int_forecast__evidence') }} as evidence
    inner join town on evidence.origin = town.origin
    group by evidence.origin, evidence.weekday
),

slow as (
    select
        evidence.origin,
        evidence.site,
        (sum(evidence.slow_rate / profiles.profile) + {{ shrink }} * max(town.rate))
        / (sum(evidence.slow_weight) + {{ shrink }}) as level
    from {{ ref('int_forecast__evidence') }} as evidence
    inner join profiles on evidence.origin = profiles.origin and evidence.weekday = profiles.weekday
    inner join town on evidence.origin = town.origin
    group by evidence.origin, evidence.site
),

weekdays as (
    select
        evidence.*,
        profiles.profile,
        slow.level as slow_level,
        (evidence.slow_rate / profiles.profile / slow.level + {{ var('forecast_weekday_shrink') }})
        / (evidence.slow_weight + {{ var('forecast_weekday_shrink') }}) as deviation
    from {{ ref('int_forecast__evidence') }} as evidence
    inner join profiles on evidence.origin = profiles.origin and evidence.weekday = profiles.weekday
    inner join slow on evidence.origin = slow.origin and evidence.site = slow.site
),

fast as (
    select
        origin,
        site,
        max(slow_level) as slow_level,
        cast(sum(days) as integer) as days,
        {%- for speed in ['fast', 'quick', 'term'] %}
        (sum({{ speed }}_rate / profile / deviation) + {{ shrink }} * max(slow_level))
        / (sum({{ speed }}_weight) + {{ shrink }}) as {{ speed }}_level{{ "," if not loop.last }}
        {%- endfor %}
    from weekdays
    group by origin, site
),

sites as (
    select site from {{ ref('int_meals__counts') }}
    union
    select site from {{ ref('int_meals__asked') }}
),

-- A site nobody has seen yet is like the town; so is a weekday it never served.
every as (
    select
        town.origin,
        sites.site,
        week.weekday,
        town.rate
    from town
    cross join sites
    cross join (select distinct weekday from {{ ref('int_meals__days') }}) as week
)

select
    every.origin,
    every.site,
    every.weekday,
    coalesce(fast.fast_level, every.rate) as level,
    coalesce(fast.slow_level, every.rate) as slow_level,
    coalesce(fast.quick_level, every.rate) as quick_level,
    coalesce(fast.term_level, every.rate) as term_level,
    coalesce(profiles.profile, 1) as profile,
    coalesce(weekdays.deviation, 1) as deviation,
    coalesce(fast.days, 0) as basis_days
from every
left join profiles on every.origin = profiles.origin and every.weekday = profiles.weekday
left join fast on every.origin = fast.origin and every.site = fast.site
left join weekdays
    on every.origin = weekdays.origin and every.site = weekdays.site and every.weekday = weekdays.weekday
