-- What was to order and what was served of each diet; whether it is known, of the whole place: a day without a single
-- meal, or with a hole, is not.
with diets as (
    select
        structure_id,
        service_id,
        day,
        diet_code,
        max(diet_label) as diet_label,
        cast(sum(case when is_planned and not is_basket then 1 else 0 end) as integer) as to_order,
        cast(sum(case when is_served and not is_basket then 1 else 0 end) as integer) as served,
        max(is_over) as is_over,
        sum(case when is_served then 1 else 0 end) as seen,
        sum(case when held_back is not null then 1 else 0 end) as held_back
    from {{ ref('int_meals__covers') }}
    group by structure_id, service_id, day, diet_code
)

select
    structure_id,
    service_id,
    day,
    diet_code,
    diet_label,
    to_order,
    served,
    max(is_over) over place
    and sum(seen) over place > 0
    and sum(held_back) over place = 0 as is_known
from diets
window place as (partition by structure_id, service_id, day)
