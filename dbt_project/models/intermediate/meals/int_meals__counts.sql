-- What was eaten of what was planned, where it is known: a day without a single tap or with a hole teaches nothing, nor
-- does one place's own strike.
select
    {{ meal_site('covers') }} as site,
    cast(covers.service_id as varchar) as site_kind,
    covers.day,
    cast(sum(case when covers.is_planned then 1 else 0 end) as integer) as base,
    cast(sum(case when covers.is_served then 1 else 0 end) as integer) as taken,
    max(ordered.firm) as human_order
from {{ ref('int_meals__covers') }} as covers
left join {{ ref('int_meals__firm_orders') }} as ordered
    on covers.structure_id = ordered.structure_id
    and covers.service_id = ordered.service_id
    and covers.day = ordered.day
left join {{ ref('stg_records__calendar_events') }} as strikes
    on strikes.kind in ('strike', 'strike_served')
    and strikes.class_id is null
    and covers.structure_id = strikes.structure_id
    and (strikes.service_id is null or covers.service_id = strikes.service_id)
    and covers.day >= strikes.starts_on
    and covers.day < strikes.ends_on
where not covers.is_basket and strikes.kind is null
group by covers.structure_id, covers.service_id, covers.day
having
    max(covers.is_over)
    and sum(case when covers.is_planned then 1 else 0 end) > 0
    and sum(case when covers.is_served then 1 else 0 end) > 0
    and sum(case when covers.held_back is not null then 1 else 0 end) = 0
