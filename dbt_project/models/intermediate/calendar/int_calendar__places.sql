-- How many children a service can take at a place on an open day: the smallest of the capacities that speak of it (its
-- own and those of the whole place, of its weekday and of every day, of each part of the day its slot touches). Inside
-- one of them the widest age groups add up; a group inside a wider one takes its children from there.
with said as (
    select
        service_days.structure_id,
        service_days.service_id,
        service_days.day,
        capacities.service_id is null as is_for_all,
        capacities.weekday,
        capacities.start_minute,
        capacities.end_minute,
        capacities.age_from_months,
        capacities.age_to_months,
        capacities.places,
        row_number() over (
            partition by
                service_days.structure_id, service_days.service_id, service_days.day, capacities.service_id,
                capacities.weekday, capacities.start_minute, capacities.end_minute,
                capacities.age_from_months, capacities.age_to_months
            order by capacities.valid_from desc, capacities.seq desc
        ) as preference
    from {{ ref('int_calendar__service_days') }} as service_days
    inner join {{ ref('stg_records__structure_capacities') }} as capacities
        on service_days.structure_id = capacities.structure_id
        and capacities.valid_from <= service_days.day
        and (capacities.service_id is null or capacities.service_id = service_days.service_id)
        and (capacities.weekday is null or capacities.weekday = service_days.weekday)
        and (capacities.start_minute is null or capacities.start_minute < service_days.slot_end_minute)
        and (capacities.end_minute is null or service_days.slot_start_minute < capacities.end_minute)
    where service_days.is_open
),

in_force as (
    select
        *,
        {{ row_numbers() }} as number
    from said
    where preference = 1
),

inside_another as (
    select distinct inner_group.number
    from in_force as inner_group
    inner join in_force as wider
        on inner_group.structure_id = wider.structure_id
        and inner_group.service_id = wider.service_id
        and inner_group.day = wider.day
        and inner_group.is_for_all = wider.is_for_all
        and inner_group.weekday is not distinct from wider.weekday
        and inner_group.start_minute is not distinct from wider.start_minute
        and inner_group.end_minute is not distinct from wider.end_minute
        and wider.age_from_months <= inner_group.age_from_months
        and inner_group.age_to_months <= wider.age_to_months
        and inner_group.number <> wider.number
),

summed as (
    select
        in_force.structure_id,
        in_force.service_id,
        in_force.day,
        sum(in_force.places) as places
    from in_force
    left join inside_another on in_force.number = inside_another.number
    where inside_another.number is null
    group by
        in_force.structure_id, in_force.service_id, in_force.day, in_force.is_for_all, in_force.weekday,
        in_force.start_minute, in_force.end_minute
)

select
    structure_id,
    service_id,
    day,
    cast(min(places) as integer) as places
from summed
group by structure_id, service_id, day
