-- What was ordered, served, left over, missing and weighed. Where nobody knows what was served nothing is said to be
-- left or missing.
with counted as (
    select
        structure_id,
        service_id,
        day,
        cast(sum(to_order) as integer) as to_order,
        cast(sum(served) as integer) as served,
        max(is_known) as is_known
    from {{ ref('int_meals__served') }}
    group by structure_id, service_id, day
),

ordered as (
    select
        structure_id,
        service_id,
        day,
        cast(sum(quantity) as integer) as quantity,
        cast(sum(firm) as integer) as firm
    from {{ ref('int_meals__ordered') }}
    group by structure_id, service_id, day
),

weighed as (
    select
        structure_id,
        service_id,
        day,
        kind,
        {{ last_by('grams', 'seq') }} as grams
    from {{ ref('stg_records__meal_wastes') }}
    group by structure_id, service_id, day, kind
),

weights as (
    select
        structure_id,
        service_id,
        day,
        cast(max(case when kind = 'unserved' then grams end) as integer) as unserved_grams,
        cast(max(case when kind = 'plates' then grams end) as integer) as plate_grams
    from weighed
    group by structure_id, service_id, day
),

-- The place's own menu before the town's.
menus as (
    select
        counted.structure_id,
        counted.day,
        menus.label,
        menus.dish,
        row_number() over (
            partition by counted.structure_id, counted.day order by menus.structure_id is not null desc
        ) as preference
    from (select distinct structure_id, day from counted) as counted
    inner join {{ ref('stg_records__menus') }} as menus
        on counted.day = menus.day
        and (menus.structure_id is null or menus.structure_id = counted.structure_id)
)

select
    structures.structure_ref,
    structures.structure_label,
    services.service_ref,
    services.service_label,
    counted.day,
    menus.label as menu,
    menus.dish = 'vegetarian' as is_vegetarian,
    counted.to_order,
    ordered.firm as ordered_firm,
    ordered.quantity as ordered,
    case when counted.is_known then counted.served end as served,
    case
        when counted.is_known and ordered.quantity is not null then greatest(ordered.quantity - counted.served, 0)
    end as left_over,
    case
        when counted.is_known and ordered.quantity is not null then greatest(counted.served - ordered.quantity, 0)
    end as missing,
    weights.unserved_grams,
    weights.plate_grams
from counted
inner join {{ ref('stg_records__services') }} as services on counted.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on counted.structure_id = structures.structure_id
left join ordered
    on counted.structure_id = ordered.structure_id
    and counted.service_id = ordered.service_id
    and counted.day = ordered.day
left join weights
    on counted.structure_id = weights.structure_id
    and counted.service_id = weights.service_id
    and counted.day = weights.day
left join menus
    on counted.structure_id = menus.structure_id and counted.day = menus.day and menus.preference = 1
