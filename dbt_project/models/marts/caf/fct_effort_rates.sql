-- The State's rate that the last bill of a year rested on: what the Filoué file gives of a child (CAF notes §3.3).
with billed as (
    select
        lines.child_id,
        lines.structure_id,
        cast(extract(year from lines.day) as integer) as billed_year,
        max(lines.day) as last_day,
        {{ last_by('scale.rate_e6', 'lines.day') }} as rate_e6
    from {{ ref('int_pricing__told') }} as lines
    inner join {{ ref('stg_records__tariff_rules') }} as rules
        on lines.tariff_version_id = rules.tariff_version_id and rules.form = 'psu'
    inner join {{ ref('int_pricing__psu_scale') }} as scale
        on rules.basis = scale.basis
        and scale.children_from <= greatest(1, lines.children_count + lines.aeeh_count)
        and (scale.children_to is null or greatest(1, lines.children_count + lines.aeeh_count) < scale.children_to)
        and scale.valid_from <= lines.day
        and (scale.valid_to is null or lines.day < scale.valid_to)
    where scale.rate_e6 is not null
    group by lines.child_id, lines.structure_id, cast(extract(year from lines.day) as integer)
)

select
    structures.structure_ref,
    persons.person_ref as child_ref,
    billed.billed_year as year,
    billed.last_day,
    {{ scaled('billed.rate_e6', 4, 8) }} as effort_rate
from billed
inner join {{ ref('stg_records__structures') }} as structures on billed.structure_id = structures.structure_id
inner join {{ ref('stg_records__persons') }} as persons on billed.child_id = persons.person_id
