-- What would have been forecast of each past day with the delay of an order, by the way that answered then, beside the
-- simple rule, the agents' own orders and what was served.
with sites as (
    select distinct
        {{ meal_site('covers') }} as site,
        structures.structure_ref,
        structures.structure_label,
        services.service_ref,
        services.service_label
    from {{ ref('int_meals__covers') }} as covers
    inner join {{ ref('stg_records__services') }} as services on covers.service_id = services.service_id
    inner join {{ ref('stg_records__structures') }} as structures on covers.structure_id = structures.structure_id
)

select
    sites.structure_ref,
    sites.structure_label,
    sites.service_ref,
    sites.service_label,
    replayed.day,
    cast(replayed.base as integer) as planned,
    cast(replayed.taken as integer) as served,
    replayed.is_normal,
    replayed.way,
    cast(replayed.prediction as decimal(8, 1)) as forecast,
    cast(replayed.lo80 as decimal(8, 1)) as lo80,
    cast(replayed.hi80 as decimal(8, 1)) as hi80,
    cast(replayed.lo95 as decimal(8, 1)) as lo95,
    cast(replayed.hi95 as decimal(8, 1)) as hi95,
    cast(replayed.simple as decimal(8, 1)) as simple_rule,
    cast(replayed.human_order as integer) as ordered
from {{ ref('int_forecast__replayed') }} as replayed
inner join sites on replayed.site = sites.site
