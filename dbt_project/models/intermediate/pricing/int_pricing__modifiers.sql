-- What modifies a line's price, in places: on the unit price first, then on the line, each in the version's order.
with ranked as (
    select
        candidates.line_id,
        candidates.missing,
        rules.ordinal,
        rules.rule_label,
        rules.form,
        rules.applies_to,
        {{ exact(scaled('rules.amount_e4', 4)) }} as amount,
        {{ scaled('rules.rate_e6', 6) }} as percent,
        row_number() over (
            partition by candidates.line_id order by candidates.applies_to = 'line', candidates.ordinal
        ) as place
    from {{ ref('int_pricing__candidates') }} as candidates
    inner join {{ ref('stg_records__tariff_rules') }} as rules on candidates.tariff_rule_id = rules.tariff_rule_id
    where candidates.applies_to is not null
)

select
    line_id,
    count(*) as modifier_count,
    min(missing) as missing
    {%- for place in modifier_places() %}
    {%- for column in ['ordinal', 'rule_label', 'form', 'applies_to', 'amount', 'percent'] %},
    max(case when place = {{ place }} then {{ column }} end) as {{ column }}_{{ place }}
    {%- endfor %}
    {%- endfor %}
from ranked
group by line_id
