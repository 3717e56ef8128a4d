with covers as (
    select * from {{ ref('int_meals__covers') }}
),

counted as (
    select
        structure_id,
        service_id,
        day,
        diet_code,
        max(diet_label) as diet_label,
        sum(case when is_planned then 1 else 0 end) as planned,
        sum(case when is_planned and not is_basket then 1 else 0 end) as to_order,
        sum(case when is_served then 1 else 0 end) as served,
        sum(case when is_absent then 1 else 0 end) as absent,
        sum(case when held_back is not null then 1 else 0 end) as held_back
    from covers
    group by structure_id, service_id, day, diet_code
)

select
    structures.structure_ref,
    structures.structure_label,
    services.service_ref,
    services.service_label,
    counted.day,
    counted.diet_code,
    counted.diet_label,
    cast(counted.planned as integer) as planned,
    cast(counted.to_order as integer) as to_order,
    cast(counted.served as integer) as served,
    cast(counted.absent as integer) as absent,
    cast(counted.held_back as integer) as held_back
from counted
inner join {{ ref('stg_records__services') }} as services on counted.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on counted.structure_id = structures.structure_id
