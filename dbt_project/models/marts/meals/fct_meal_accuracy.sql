-- What would have been forecast of each past day with the delay of an order, by the way that answered then, beside the
-- simple rule, the agents' own orders and what was served.
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
inner join {{ ref('int_meals__sites') }} as sites on replayed.site = sites.site
where not replayed.is_other_delay
