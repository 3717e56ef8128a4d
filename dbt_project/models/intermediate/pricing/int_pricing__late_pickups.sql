-- A late pick-up that somebody has accepted, where the price list names one: its minutes after the slot, counted as
-- the service counts a duration. Elsewhere they are care like the rest (int_pricing__units).
with late as (
    select
        decided.child_id,
        decided.service_id,
        decided.day,
        service_days.rounding_minutes,
        service_days.rounding_on,
        service_days.rounding_mode,
        service_days.tolerance_minutes,
        service_days.slot_end_minute,
        decided.present_until_minute as until_minute,
        {{ departure_counted('decided.present_until_minute', 'service_days') }} - service_days.slot_end_minute as minutes_after
    from {{ ref('int_attendance__decided') }} as decided
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on decided.service_id = service_days.service_id
        and decided.structure_id = service_days.structure_id
        and decided.day = service_days.day
    inner join {{ ref('int_pricing__versions') }} as versions
        on decided.service_id = versions.service_id
        and versions.valid_from <= decided.day
        and (versions.valid_to is null or decided.day < versions.valid_to)
        and versions.has_late_price
    where decided.is_late_accepted and decided.present_until_minute > service_days.slot_end_minute
),

counted as (
    select
        *,
        case
            when rounding_on in ('ends', 'departure')
                then {{ units_counted('minutes_after', "'begun'", 'rounding_minutes', '0') }}
            else {{ units_counted('minutes_after', 'rounding_mode', 'rounding_minutes', 'tolerance_minutes') }}
        end as units_begun
    from late
)

select
    child_id,
    service_id,
    day,
    'late_pickup' as kind,
    cast(until_minute - slot_end_minute as integer) as billed_minutes,
    units_begun,
    -- A price by the minute is for each of them: what is rounded has its own unit.
    cast(until_minute - slot_end_minute as integer) as rounded_minutes,
    cast(null as varchar) as line_fault
from counted
