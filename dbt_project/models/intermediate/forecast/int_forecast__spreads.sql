{#- How far off the way chosen at an origin was on the replayed days of the year known by then, as a share of a power of
    the size, because a large site misses less of what it serves: the quantiles that make the intervals. -#}
{%- set levels = {'lo95': 0.025, 'lo80': 0.1, 'hi80': 0.9, 'hi95': 0.975} -%}
with past as (
    select
        day,
        taken,
        base,
        prediction,
        simple
    from {{ ref('int_forecast__expected') }}
    where not is_asked and not is_other_delay and taken > 0 and not is_strike and calendar_class <> 'rentree'
),

said as (
    select
        choices.origin,
        past.taken,
        {{ said_by('choices.way', 'past') }} as said
    from {{ ref('int_forecast__choices') }} as choices
    inner join past
        on past.day < choices.known_until and past.day >= choices.known_until - {{ var('forecast_spread_days') }}
),

misses as (
    select
        origin,
        (taken - said) / pow(greatest(said, 1), {{ var('forecast_spread_power') }}) as miss
    from said
)

select
    choices.origin,
    choices.way,
    cast(count(misses.miss) as integer) as misses,
    {%- for name, share in levels.items() %}
    quantile_cont(misses.miss, {{ share }}) as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ ref('int_forecast__choices') }} as choices
left join misses on choices.origin = misses.origin
group by choices.origin, choices.way
