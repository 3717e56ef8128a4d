with hours as (
    select * from {{ ref('int_caf__hours') }}
    where minutes is not null
),

summed as (
    select
        structure_id,
        service_id,
        {{ month_of('day') }} as month,
        age_group,
        regime_group,
        max(caf_kind) as caf_kind,
        count(distinct case when held_back is null then child_id end) as children,
        sum(case when held_back is null then 1 else 0 end) as child_days,
        sum(case when held_back is null and is_derived then 1 else 0 end) as derived_child_days,
        sum(case when held_back is null then 0 else 1 end) as held_child_days,
        sum(case when held_back is null then minutes else 0 end) as minutes,
        sum(case when held_back is null then 0 else minutes end) as held_minutes
    from hours
    group by structure_id, service_id, {{ month_of('day') }}, age_group, regime_group
)

select
    structures.structure_ref,
    structures.structure_label,
    services.service_ref,
    services.service_label,
    summed.caf_kind,
    summed.month,
    summed.age_group,
    summed.regime_group,
    cast(summed.children as integer) as children,
    cast(summed.child_days as integer) as child_days,
    cast(summed.derived_child_days as integer) as derived_child_days,
    cast(summed.minutes as bigint) as minutes,
    {{ ratio('summed.minutes', 60, 2) }} as hours,
    cast(summed.held_child_days as integer) as held_child_days,
    {{ ratio('summed.held_minutes', 60, 2) }} as held_hours
from summed
inner join {{ ref('stg_records__services') }} as services on summed.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on summed.structure_id = structures.structure_id
