{#- Which way answers at an origin: the model, unless the simple rule, or what is planned, has been nearer on the town's
    own replayed days known by then, by more than chance brings from day to day. -#}
{%- set others = ['simple', 'planned'] -%}
with missed as (
    select
        day,
        sum(taken) as taken,
        sum(abs(prediction - taken)) as model,
        sum(abs(simple - taken)) as simple,
        sum(abs(base - taken)) as planned
    from {{ ref('int_forecast__expected') }}
    where not is_asked and not is_other_delay and taken > 0 and not is_strike and calendar_class <> 'rentree'
    group by day
),

compared as (
    select
        origins.origin,
        origins.known_until,
        origins.is_asked,
        origins.is_other_delay,
        count(missed.day) as days,
        sum(missed.taken) as taken,
        sum(missed.model) as model,
        {%- for other in others %}
        sum(missed.{{ other }}) as {{ other }},
        sum(missed.model - missed.{{ other }})
        - {{ var('forecast_choice_noise') }} * stddev_samp(missed.model - missed.{{ other }}) * sqrt(count(missed.day)) as {{ other }}_gain{{ "," if not loop.last }}
        {%- endfor %}
    from {{ ref('int_meals__origins') }} as origins
    left join missed
        on missed.day < origins.known_until and missed.day >= origins.known_until - {{ var('forecast_spread_days') }}
    group by origins.origin, origins.known_until, origins.is_asked, origins.is_other_delay
)

select
    origin,
    known_until,
    is_asked,
    is_other_delay,
    case
        when days < {{ var('forecast_choice_least') }} then 'model'
        when simple_gain > 0 and simple <= planned then 'simple'
        when planned_gain > 0 then 'planned'
        when simple_gain > 0 then 'simple'
        else 'model'
    end as way,
    cast(days as integer) as days,
    taken,
    model,
    simple,
    planned
from compared
