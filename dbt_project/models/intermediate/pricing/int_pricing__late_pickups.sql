-- A late pick-up that somebody has accepted, where the price list names one: its minutes of presence after the slot,
-- counted as the service counts a duration. Elsewhere they are care like the rest (int_pricing__units).
with stays as (
    select
        stays.child_id,
        stays.service_id,
        stays.day,
        stays.stay_no,
        service_days.rounding_minutes,
        service_days.rounding_on,
        service_days.rounding_mode,
        service_days.tolerance_minutes,
        greatest(stays.arrived_minute, service_days.slot_end_minute) as from_minute,
        stays.billed_until_minute as until_minute,
        greatest({{ arrival_counted('stays.arrived_minute', 'service_days') }}, service_days.slot_end_minute) as grid_from,
        {{ departure_counted('stays.billed_until_minute', 'service_days') }} as grid_until
    from {{ ref('int_attendance__decided') }} as decided
    inner join {{ ref('int_attendance__stays_settled') }} as stays
        on decided.child_id = stays.child_id
        and decided.service_id = stays.service_id
        and decided.day = stays.day
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on decided.service_id = service_days.service_id
        and decided.structure_id = service_days.structure_id
        and decided.day = service_days.day
    inner join {{ ref('int_pricing__versions') }} as versions
        on decided.service_id = versions.service_id
        and versions.valid_from <= decided.day
        and (versions.valid_to is null or decided.day < versions.valid_to)
        and versions.has_late_price
    where decided.is_late_accepted and stays.billed_until_minute > service_days.slot_end_minute
),

-- Somebody may come back after the slot: none of absence counts. Rounded outwards, a stay may begin before the one
-- before has ended: no minute counts twice.
apart as (
    select
        *,
        greatest(grid_from, coalesce({{ ended_before('grid_until', 'grid_from') }}, grid_from)) as grid_once_from
    from stays
),

late as (
    select
        child_id,
        service_id,
        day,
        rounding_minutes,
        rounding_on,
        rounding_mode,
        tolerance_minutes,
        cast(sum(until_minute - from_minute) as integer) as minutes,
        cast(sum(greatest(0, grid_until - grid_once_from)) as integer) as grid_minutes
    from apart
    group by child_id, service_id, day, rounding_minutes, rounding_on, rounding_mode, tolerance_minutes
)

select
    child_id,
    service_id,
    day,
    'late_pickup' as kind,
    minutes as billed_minutes,
    case
        when rounding_on in ('ends', 'departure')
            then {{ units_begun('grid_minutes', 'rounding_minutes') }}
        else {{ units_counted('minutes', 'rounding_mode', 'rounding_minutes', 'tolerance_minutes') }}
    end as units_begun,
    case
        when rounding_on in ('ends', 'departure') then grid_minutes
        else greatest(0, minutes - tolerance_minutes)
    end as begun_minutes,
    -- A price by the minute is for each of them: what is rounded has its own unit.
    minutes as rounded_minutes,
    cast(null as varchar) as line_fault
from late
where minutes > 0
