-- What a declaration of a year, or of its first months, says in euros and rates, and the accounts that it rests on.
with psu as (
    select * from {{ ref('int_caf__psu') }}
),

pso as (
    select * from {{ ref('int_caf__pso') }}
),

offered as (
    select
        structure_id,
        caf_year,
        period,
        max(case when code = 'capacity_hours' then value end) as capacity_hours
    from {{ ref('int_caf__figures') }}
    where block = 'eaje_activity'
    group by structure_id, caf_year, period
),

found as (
    select
        structure_id, caf_year, period, 'finance' as block,
        case when nature = 'charge' then 100 else 200 end as position,
        nature || '_' || account_group as code,
        cast({{ scaled('sum(amount_cents)', 2, 18) }} as decimal(18, 4)) as value, 'euros' as unit,
        cast(null as varchar) as fault
    from {{ ref('int_caf__accounts') }}
    group by structure_id, caf_year, period, nature, account_group
    union all
    select
        structure_id, caf_year, period, 'finance' as block,
        case when nature = 'charge' then 199 else 299 end as position,
        nature || '_total' as code,
        cast({{ scaled('sum(amount_cents)', 2, 18) }} as decimal(18, 4)) as value, 'euros' as unit,
        cast(null as varchar) as fault
    from {{ ref('int_caf__accounts') }}
    group by structure_id, caf_year, period, nature
    union all
    select
        structure_id, caf_year, period, 'eaje_activity' as block, 400 as position, 'invoicing_rate' as code,
        cast(invoicing_rate as decimal(18, 4)) as value, 'percent' as unit,
        case when invoicing_rate is null then 'realised_missing ' || cast(caf_year as varchar) end as fault
    from psu
    {%- for code, hours in [('occupancy_realised', 'realised_hours'), ('occupancy_billed', 'billed_hours')] %}
    union all
    select
        psu.structure_id, psu.caf_year, psu.period, 'eaje_activity' as block, {{ 400 + loop.index }} as position, '{{ code }}' as code,
        cast({{ percent_of('psu.' ~ hours, 'offered.capacity_hours') }} as decimal(18, 4)) as value, 'percent' as unit,
        case when offered.capacity_hours is null then 'setting_incomplete ' || cast(psu.caf_year as varchar) end as fault
    from psu
    left join offered
        on psu.structure_id = offered.structure_id and psu.caf_year = offered.caf_year and psu.period = offered.period
    {%- endfor %}
    {%- for code, column, unit in [
        ('charges', 'charges', 'euros'),
        ('cost_per_hour', 'cost_per_hour', 'euros'),
        ('price_cap', 'price_cap', 'euros'),
        ('price_retained', 'price_retained', 'euros'),
        ('general_rate', '100 * general_rate', 'percent'),
        ('gross_amount', 'gross_amount', 'euros'),
        ('amount', 'amount', 'euros'),
    ] %}
    union all
    select
        structure_id, caf_year, period, 'result' as block, {{ 100 + loop.index }} as position, 'psu_{{ code }}' as code,
        cast({{ column }} as decimal(18, 4)) as value, '{{ unit }}' as unit,
        case when {{ column }} is null then {{ 'coalesce(cost_fault, fault)' if loop.index < 3 else 'fault' }} end as fault
    from psu
    {%- endfor %}
    union all
    select
        structure_id, caf_year, period, 'result' as block, 120 as position, 'psu_contribution_per_hour' as code,
        cast(contribution_per_hour as decimal(18, 4)) as value, 'euros' as unit,
        case when contribution_per_hour is null then 'billed_missing ' || cast(caf_year as varchar) end as fault
    from psu
    {%- for code, column in [('mixite_per_place', 'bonus_per_place'), ('mixite_bonus', 'bonus')] %}
    union all
    select
        structure_id, caf_year, 'year' as period, 'result' as block, {{ 120 + loop.index }} as position, 'psu_{{ code }}' as code,
        cast({{ column }} as decimal(18, 4)) as value, 'euros' as unit, fault
    from {{ ref('int_caf__mixite') }}
    {%- endfor %}
    {%- for code, column, fault, unit in [
        ('charges', 'charges', 'coalesce(cost_fault, fault)', 'euros'),
        ('cost_per_hour', 'cost_per_hour', 'coalesce(cost_fault, fault)', 'euros'),
        ('price_cap', 'price_cap', 'fault', 'euros'),
        ('price_retained', 'price_retained', 'fault', 'euros'),
        ('general_rate', '100 * general_rate', 'fault', 'percent'),
        ('amount', 'amount', 'fault', 'euros'),
        ('new_wednesday_hours', 'new_wednesday_hours', 'plan_fault', 'hours'),
        ('plan_mercredi_amount', 'plan_mercredi_amount', 'plan_fault', 'euros'),
        ('inclusive_amount', 'inclusive_amount', 'inclusive_fault', 'euros'),
    ] %}
    union all
    select
        structure_id, caf_year, period, 'result' as block, {{ 200 + loop.index }} as position,
        'pso_' || kind || '_{{ code }}' as code,
        cast({{ column }} as decimal(18, 4)) as value, '{{ unit }}' as unit,
        case when {{ column }} is null then {{ fault }} end as fault
    from pso
    {%- if loop.index > 6 %}
    -- Nothing is said of a supplement that the place does not ask for.
    where {{ column }} is not null or {{ fault }} is not null
    {%- endif %}
    {%- endfor %}
)

select
    structure_id,
    caf_year,
    period,
    block,
    position,
    code,
    value,
    unit,
    fault
from found
