{#- Intervals that cover what they say: the quantiles of what the replayed forecasts of the last year missed, as a
    share of a power of the size, because a large site misses less of what it serves. -#}
{%- set levels = {'lo95': 0.025, 'lo80': 0.1, 'hi80': 0.9, 'hi95': 0.975} -%}
{%- set unknown = {'lo95': -0.5, 'lo80': -0.3, 'hi80': 0.3, 'hi95': 0.5} -%}
with misses as (
    select (taken - prediction) / pow(greatest(prediction, 1), {{ var('forecast_spread_power') }}) as miss
    from {{ ref('int_forecast__expected') }} as expected
    inner join (select max(known_until) as known_until from {{ ref('int_meals__origins') }} where is_asked) as now
        on expected.day < now.known_until and expected.day >= now.known_until - {{ var('forecast_spread_days') }}
    where not is_asked and taken > 0 and not is_strike and calendar_class <> 'rentree'
),

spread as (
    select
        count(*) as misses,
        {%- for name, share in levels.items() %}
        quantile_cont(miss, {{ share }}) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from misses
)

select
    expected.site,
    expected.day,
    expected.base,
    expected.prediction,
    {%- for name in levels %}
    greatest(
        expected.prediction + case
            when spread.misses >= {{ var('forecast_spread_least') }}
                then spread.{{ name }} * pow(greatest(expected.prediction, 1), {{ var('forecast_spread_power') }})
            else {{ unknown[name] }} * expected.prediction
        end,
        0
    ) as {{ name }},
    {%- endfor %}
    expected.rate,
    expected.level,
    expected.profile,
    expected.deviation,
    expected.calendar_effect,
    expected.menu_effect,
    expected.basis_days
from {{ ref('int_forecast__expected') }} as expected
cross join spread
where expected.is_asked
