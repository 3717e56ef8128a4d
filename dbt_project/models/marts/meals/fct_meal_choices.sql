-- Which way answered each week, and why: how far off each was on the town's own replayed days known by then.
{%- set ways = ['model', 'simple', 'planned'] %}
select
    known_until,
    is_asked as is_current,
    way,
    days,
    {%- for way in ways %}
    cast(100 * {{ way }} / nullif(taken, 0) as decimal(8, 2)) as {{ way }}_error{{ "," if not loop.last }}
    {%- endfor %}
from {{ ref('int_forecast__choices') }}
where not is_other_delay
