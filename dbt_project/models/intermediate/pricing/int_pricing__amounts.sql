-- The unit price and the amount of each line that a rule prices: modifiers of the unit, the version's step, the units,
-- modifiers of the line, and one rounding.
with bases as (
    select
        bases.*,
        lines.unit_step_e4,
        lines.unit_step_e4 * cast(100000000 as bigint) as unit_step,
        lines.unit_step_mode,
        lines.is_due
    from {{ ref('int_pricing__bases') }} as bases
    inner join {{ ref('int_pricing__circumstances') }} as lines on bases.line_id = lines.line_id
),

plain as (
    select
        bases.line_id,
        {{ on_step('bases.base_price', 'bases.unit_step', 'bases.unit_step_mode') }} as unit_price
    from bases
    left join {{ ref('int_pricing__modifiers') }} as modifiers on bases.line_id = modifiers.line_id
    where modifiers.line_id is null
),

unit_0 as (
    select
        modifiers.*,
        bases.unit_step_e4,
        bases.unit_step,
        bases.unit_step_mode,
        bases.unit,
        bases.units,
        bases.rounded_minutes,
        bases.minutes_over,
        bases.base_price as unit_0
    from {{ ref('int_pricing__modifiers') }} as modifiers
    inner join bases on modifiers.line_id = bases.line_id
),

-- One step a subquery: an alias beside the others would be written out again in each that follows.
{% for place in modifier_places() -%}
unit_{{ place }} as (
    select
        *,
        {{ exact(modified("unit_" ~ (place - 1), place, 'unit')) }} as unit_{{ place }}
    from unit_{{ place - 1 }}
),

{% endfor -%}
stepped as (
    select
        *,
        {{ on_step('unit_8', 'unit_step', 'unit_step_mode') }} as unit_price
    from unit_8
),

line_0 as (
    select
        *,
        {{ line_total('unit', 'units', 'rounded_minutes', 'unit_price', 'minutes_over') }} as line_0
    from stepped
),

{% for place in modifier_places() -%}
line_{{ place }} as (
    select
        *,
        {{ exact(modified("line_" ~ (place - 1), place, 'line')) }} as line_{{ place }}
    from line_{{ place - 1 }}
),

{% endfor -%}
line_changes as (
    select * from line_8
)

select
    bases.line_id,
    plain.unit_price,
    {{ to_the_cent(line_total('bases.unit', 'bases.units', 'bases.rounded_minutes', 'plain.unit_price', 'bases.minutes_over')) }} as amount,
    {{ no_steps() }} as price_steps
from bases
inner join plain on bases.line_id = plain.line_id
union all
select
    line_id,
    unit_price,
    {{ to_the_cent('line_8') }} as amount,
    {{ price_steps() }} as price_steps
from line_changes
