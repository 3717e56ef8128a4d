-- What each delay between order and meal costs: the days of the last quarter replayed with every one of them, alone.
with normal as (
    select
        *,
        count(*) over (partition by site, day) as delays
    from {{ ref('int_forecast__replayed') }}
    where is_normal
)

select
    sites.structure_ref,
    sites.structure_label,
    sites.service_ref,
    sites.service_label,
    normal.delay_days,
    cast(count(*) as integer) as days,
    cast(sum(normal.taken) as integer) as served,
    cast(sum(abs(normal.prediction - normal.taken)) as decimal(12, 1)) as missed,
    cast(sum(normal.prediction - normal.taken) as decimal(12, 1)) as leant,
    cast(sum(abs(normal.simple - normal.taken)) as decimal(12, 1)) as simple_missed
from normal
inner join {{ ref('int_meals__sites') }} as sites on normal.site = sites.site
where normal.delays = {{ var('forecast_other_delays') | length + 1 }}
group by
    sites.structure_ref, sites.structure_label, sites.service_ref, sites.service_label, normal.delay_days
