-- What is expected of the days asked by the way that answers, with intervals that cover what they say.
{%- set unknown = {'lo95': -0.5, 'lo80': -0.3, 'hi80': 0.3, 'hi95': 0.5} %}
with said as (
    select
        expected.*,
        spreads.way,
        spreads.misses,
        {%- for name in unknown %}
        spreads.{{ name }} as miss_{{ name }},
        {%- endfor %}
        {{ said_by('spreads.way', 'expected') }} as said
    from {{ ref('int_forecast__expected') }} as expected
    inner join {{ ref('int_forecast__spreads') }} as spreads on expected.origin = spreads.origin
    where expected.is_asked
)

select
    site,
    day,
    base,
    way,
    said as prediction,
    {%- for name, wide in unknown.items() %}
    {{ interval_end('said', 'miss_' ~ name, wide, 'misses') }} as {{ name }},
    {%- endfor %}
    case when base > 0 then said / base else rate end as rate,
    rate as model_rate,
    level,
    profile,
    deviation,
    calendar_effect,
    menu_effect,
    basis_days
from said
