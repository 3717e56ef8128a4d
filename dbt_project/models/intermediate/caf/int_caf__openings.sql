-- What a place offers on each day it is open, by the kind of its services: minutes from the first that opens to the last
-- that closes, and the places of its convention that day, null where it has none.
select
    service_days.structure_id,
    {{ caf_block('service_days.caf_kind') }} as block,
    service_days.caf_kind,
    service_days.day,
    max(coalesce(hours.close_minute, service_days.slot_end_minute))
    - min(coalesce(hours.open_minute, service_days.slot_start_minute)) as minutes,
    max(settings.authorised_places) as places
from {{ ref('int_calendar__service_days') }} as service_days
cross join {{ ref('stg_records__build_days') }} as build_days
left join {{ ref('int_calendar__opening_hours') }} as hours
    on service_days.caf_kind = 'eaje'
    and service_days.structure_id = hours.structure_id
    and service_days.day = hours.day
left join {{ ref('stg_records__caf_settings') }} as settings
    on service_days.structure_id = settings.structure_id
    and settings.valid_from <= service_days.day
    and (settings.valid_to is null or service_days.day < settings.valid_to)
where
    service_days.is_open
    and service_days.caf_kind <> 'none'
    and service_days.day <= build_days.last_line_day
group by service_days.structure_id, {{ caf_block('service_days.caf_kind') }}, service_days.caf_kind, service_days.day
