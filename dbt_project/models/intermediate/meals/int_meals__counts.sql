-- What was eaten of what was planned, where it is known: a day without a single tap or with a hole teaches nothing.
select
    cast(structure_id as varchar) || '-' || cast(service_id as varchar) as site,
    cast(service_id as varchar) as site_kind,
    day,
    cast(sum(case when is_planned then 1 else 0 end) as integer) as base,
    cast(sum(case when is_served then 1 else 0 end) as integer) as taken,
    cast(null as integer) as human_order
from {{ ref('int_meals__covers') }}
where not is_basket
group by structure_id, service_id, day
having
    max(is_over)
    and sum(case when is_planned then 1 else 0 end) > 0
    and sum(case when is_served then 1 else 0 end) > 0
    and sum(case when held_back is not null then 1 else 0 end) = 0
