-- What a place offers on each day it is open, by the kind of its services: the minutes it is open, and the places of its
-- convention that day, null where it has none. Early childhood is open by the hours its place said, less the time it
-- shuts inside them, and not at all on a day said shut; the others, and a place that never said, by their slots.
with slots as (
    select
        service_days.structure_id,
        service_days.caf_kind,
        service_days.day,
        service_days.slot_start_minute,
        service_days.slot_end_minute,
        max(service_days.slot_end_minute) over (
            partition by service_days.structure_id, service_days.caf_kind, service_days.day
            order by service_days.slot_start_minute, service_days.service_id
            rows between unbounded preceding and 1 preceding
        ) as end_before
    from {{ ref('int_calendar__service_days') }} as service_days
    cross join {{ ref('stg_records__build_days') }} as build_days
    where
        service_days.is_open
        and service_days.caf_kind <> 'none'
        and service_days.day <= build_days.last_line_day
),

-- Two services at the same time count once, and nothing between one and the next.
slotted as (
    select
        structure_id,
        caf_kind,
        day,
        cast(
            sum(greatest(0, slot_end_minute - greatest(slot_start_minute, coalesce(end_before, slot_start_minute))))
            as integer
        ) as minutes
    from slots
    group by structure_id, caf_kind, day
)

select
    slotted.structure_id,
    {{ caf_block('slotted.caf_kind') }} as block,
    slotted.caf_kind,
    slotted.day,
    coalesce(hours.open_minutes, slotted.minutes) as minutes,
    settings.authorised_places as places
from slotted
left join {{ ref('int_calendar__opening_hours') }} as hours
    on slotted.caf_kind = 'eaje'
    and slotted.structure_id = hours.structure_id
    and slotted.day = hours.day
left join {{ ref('stg_records__caf_settings') }} as settings
    on slotted.structure_id = settings.structure_id
    and settings.valid_from <= slotted.day
    and (settings.valid_to is null or slotted.day < settings.valid_to)
where coalesce(hours.open_minutes, slotted.minutes) > 0
