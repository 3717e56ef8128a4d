select
    {{ meal_site('covers') }} as site,
    cast(covers.service_id as varchar) as site_kind,
    covers.day,
    cast(sum(case when covers.is_planned then 1 else 0 end) as integer) as base,
    max(ordered.firm) as human_order
from {{ ref('int_meals__covers') }} as covers
left join {{ ref('int_meals__firm_orders') }} as ordered
    on covers.structure_id = ordered.structure_id
    and covers.service_id = ordered.service_id
    and covers.day = ordered.day
where not covers.is_basket
group by covers.structure_id, covers.service_id, covers.day
having not max(covers.is_over)
