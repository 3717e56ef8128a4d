{#- Each past day as it would have been forecast, with intervals made of what had been missed before, beside the
    simple rule: the take-up of the last same weekdays. -#}
{%- set levels = {'lo95': 0.025, 'lo80': 0.1, 'hi80': 0.9, 'hi95': 0.975} -%}
{%- set unknown = {'lo95': -0.5, 'lo80': -0.3, 'hi80': 0.3, 'hi95': 0.5} -%}
with misses as (
    select
        day,
        (taken - prediction) / pow(greatest(prediction, 1), {{ var('forecast_spread_power') }}) as miss
    from {{ ref('int_forecast__expected') }}
    where not is_asked and taken > 0 and not is_strike and calendar_class <> 'rentree'
),

spreads as (
    select
        origins.origin,
        count(*) as misses,
        {%- for name, share in levels.items() %}
        quantile_cont(misses.miss, {{ share }}) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ ref('int_meals__origins') }} as origins
    inner join misses
        on misses.day < origins.known_until and misses.day >= origins.known_until - {{ var('forecast_spread_days') }}
    where not origins.is_asked
    group by origins.origin
),

recent as (
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
    where not origins.is_asked and not observed.is_strike and observed.taken > 0
),

simple as (
    select
        origin,
        site,
        weekday,
        1.0 * sum(taken) / sum(base) as rate
    from recent
    where recency <= {{ var('meal_take_up_days') }}
    group by origin, site, weekday
)

select
    expected.site,
    expected.day,
    expected.base,
    expected.taken,
    expected.human_order,
    not expected.is_strike and expected.calendar_class <> 'rentree' as is_normal,
    expected.prediction,
    expected.base * coalesce(simple.rate, 1) as simple,
    {%- for name in levels %}
    greatest(
        expected.prediction + case
            when spreads.misses >= {{ var('forecast_spread_least') }}
                then spreads.{{ name }} * pow(greatest(expected.prediction, 1), {{ var('forecast_spread_power') }})
            else {{ unknown[name] }} * expected.prediction
        end,
        0
    ) as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ ref('int_forecast__expected') }} as expected
left join spreads on expected.origin = spreads.origin
left join simple
    on expected.origin = simple.origin and expected.site = simple.site and expected.weekday = simple.weekday
where not expected.is_asked
