-- Bodies pay one after the other, in their declared order, each of what is left; never more than is left.
with paid_0 as (
    select
        {% for name in coverable_columns() %}
        {{ name }},
        {% endfor %}
        cast(0 as bigint) as paid_cents,
        cast(null as bigint) as paid_quantity
    from {{ ref('int_pricing__coverable') }}
    where fault is null
),

{% for level in range(1, coverage_levels() + 1) %}
{{ coverage_level(level, 'paid_' ~ (level - 1)) }}{{ "," if not loop.last }}

{% endfor %}
select
    line_key,
    coverage_id,
    rank,
    child_id,
    service_id,
    structure_id,
    family_id,
    payer_id,
    day,
    case
        when unit = 'total' then cast(0 as decimal(12, 4))
        else {{ ratio('paid_quantity', 'quantities_a_unit', 4) }}
    end as units,
    {{ scaled('paid_cents', 2) }} as amount
from paid_{{ coverage_levels() }}
where paid_cents <> 0
