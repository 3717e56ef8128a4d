-- What was ordered, served, left over and missing of each diet. A diet ordered that nobody was expected to eat is left
-- over; baskets are never ordered.
with named as (
    select
        diet_code,
        max(diet_label) as diet_label
    from {{ ref('int_meals__served') }}
    group by diet_code
),

days as (
    select
        structure_id,
        service_id,
        day,
        max(is_known) as is_known
    from {{ ref('int_meals__served') }}
    group by structure_id, service_id, day
),

diets as (
    select
        structure_id,
        service_id,
        day,
        diet_code
    from {{ ref('int_meals__served') }}
    where diet_code <> 'panier_repas'
    union
    select
        ordered.structure_id,
        ordered.service_id,
        ordered.day,
        ordered.diet_code
    from {{ ref('int_meals__ordered') }} as ordered
)

select
    structures.structure_ref,
    structures.structure_label,
    services.service_ref,
    services.service_label,
    diets.day,
    diets.diet_code,
    coalesce(served.diet_label, named.diet_label, diets.diet_code) as diet_label,
    cast(coalesce(served.to_order, 0) as integer) as to_order,
    ordered.quantity as ordered,
    case when days.is_known then cast(coalesce(served.served, 0) as integer) end as served,
    case
        when days.is_known and ordered.quantity is not null
            then cast(greatest(ordered.quantity - coalesce(served.served, 0), 0) as integer)
    end as left_over,
    case
        when days.is_known and ordered.quantity is not null
            then cast(greatest(coalesce(served.served, 0) - ordered.quantity, 0) as integer)
    end as missing
from diets
inner join days
    on diets.structure_id = days.structure_id and diets.service_id = days.service_id and diets.day = days.day
inner join {{ ref('stg_records__services') }} as services on diets.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on diets.structure_id = structures.structure_id
left join {{ ref('int_meals__served') }} as served
    on diets.structure_id = served.structure_id
    and diets.service_id = served.service_id
    and diets.day = served.day
    and diets.diet_code = served.diet_code
left join {{ ref('int_meals__ordered') }} as ordered
    on diets.structure_id = ordered.structure_id
    and diets.service_id = ordered.service_id
    and diets.day = ordered.day
    and diets.diet_code = ordered.diet_code
left join named on diets.diet_code = named.diet_code
