with counted_children as (
    select
        structure_id,
        service_id,
        {{ month_of('day') }} as month,
        period,
        age_group,
        regime_group,
        is_aeeh,
        count(distinct child_id) as children
    from {{ ref('int_caf__child_days') }}
    where is_present and is_declared
    group by structure_id, service_id, {{ month_of('day') }}, period, age_group, regime_group, is_aeeh
),

summed as (
    select
        structure_id,
        service_id,
        month,
        max(caf_kind) as caf_kind,
        period,
        age_group,
        regime_group,
        is_aeeh,
        sum(child_days) as child_days,
        sum(derived_child_days) as derived_child_days,
        sum(realised_minutes) as minutes,
        sum(held_child_days) as held_child_days,
        sum(held_minutes) as held_minutes
    from {{ ref('int_caf__sums') }}
    group by structure_id, service_id, month, period, age_group, regime_group, is_aeeh
    having sum(child_days) > 0 or sum(held_child_days) > 0
)

select
    structures.structure_ref,
    structures.structure_label,
    services.service_ref,
    services.service_label,
    summed.caf_kind,
    summed.month,
    summed.period,
    summed.age_group,
    summed.regime_group,
    summed.is_aeeh,
    cast(coalesce(counted_children.children, 0) as integer) as children,
    cast(summed.child_days as integer) as child_days,
    cast(summed.derived_child_days as integer) as derived_child_days,
    cast(summed.minutes as bigint) as minutes,
    {{ ratio('summed.minutes', 60, 2) }} as hours,
    cast(summed.held_child_days as integer) as held_child_days,
    {{ ratio('summed.held_minutes', 60, 2) }} as held_hours
from summed
left join counted_children
    on summed.structure_id = counted_children.structure_id
    and summed.service_id = counted_children.service_id
    and summed.month = counted_children.month
    and summed.period = counted_children.period
    and summed.age_group = counted_children.age_group
    and summed.regime_group = counted_children.regime_group
    and summed.is_aeeh = counted_children.is_aeeh
inner join {{ ref('stg_records__services') }} as services on summed.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on summed.structure_id = structures.structure_id
