{{ config(materialized='view') }}

-- What each counted figure of a declaration opens to: the child-days that it sums, each with what it adds.
with parts as (
    {{ caf_parts() }}
),

days as (
    select
        child_days.*,
        {{ caf_block('child_days.caf_kind') }} as block,
        cast(extract(year from child_days.day) as integer) as year,
        parts.period as part
    from {{ ref('fct_caf_child_days') }} as child_days
    inner join parts on extract(month from child_days.day) <= parts.last_month
)

{% for figure in caf_counted_figures() -%}
select
    structure_ref,
    year,
    part as period,
    '{{ figure.block }}' as block,
    '{{ figure.code }}' as code,
    '{{ figure.measure }}' as measure,
    child_ref,
    service_ref,
    day,
    cast({{ caf_measure(figure.measure) }} as decimal(14, 4)) as quantity
from days
where
    block = '{{ figure.block }}'
    and {{ caf_condition(figure.where) }}
    and {{ caf_measure(figure.measure) }} <> 0
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
