select
    cast(structure_id as varchar) || '-' || cast(service_id as varchar) as site,
    cast(service_id as varchar) as site_kind,
    day,
    cast(sum(case when is_planned then 1 else 0 end) as integer) as base,
    cast(null as integer) as human_order
from {{ ref('int_meals__covers') }}
where not is_basket
group by structure_id, service_id, day
having not max(is_over)
