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
        count(distinct child_id) as children,
        count(*) as child_days,
        sum(case when is_derived then 1 else 0 end) as derived_child_days,
        sum(minutes) as minutes
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
    {{ ratio('summed.minutes', 60, 2) }} as hours
from summed
inner join {{ ref('stg_records__services') }} as services on summed.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on summed.structure_id = structures.structure_id
