-- Each past day as it would have been forecast by the way that answered then, with intervals made of what had been
-- missed before, beside the simple rule.
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
    where not expected.is_asked
)

select
    site,
    day,
    delay_days,
    is_other_delay,
    base,
    taken,
    human_order,
    not is_strike and calendar_class <> 'rentree' as is_normal,
    way,
    said as prediction,
    simple,
    {%- for name, wide in unknown.items() %}
    {{ interval_end('said', 'miss_' ~ name, wide, 'misses') }} as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
from said
