-- Days under a contract that change its bill: hours beyond those reserved, and hours reserved that an absence takes
-- off. An absence deducts from the day that its reason says (CAF notes §1.2).
with under_contract as (
    select
        decided.*,
        contracts.free_until,
        service_days.slot_start_minute,
        service_days.slot_end_minute,
        service_days.rounding_minutes,
        service_days.rounding_on,
        service_days.rounding_mode,
        service_days.tolerance_minutes
    from {{ ref('int_attendance__decided') }} as decided
    inner join {{ ref('stg_records__care_contracts') }} as contracts
        on decided.enrolment_id = contracts.enrolment_id
        and contracts.valid_from <= decided.day
        and decided.day < contracts.valid_to
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on decided.service_id = service_days.service_id
        and decided.structure_id = service_days.structure_id
        and decided.day = service_days.day
),

-- Somebody who was not expected is beyond the contract from the first minute to the last.
reserved as (
    select
        *,
        case when is_planned then planned_start_minute else slot_end_minute end as reserved_from,
        case when is_planned then planned_end_minute else slot_end_minute end as reserved_until,
        present_from_minute as from_minute,
        least(present_until_minute, slot_end_minute) as stayed_until
    from under_contract
),

-- The ends that lie outside the reserved hours, on the grid of the unit where the rule rounds them.
beyond as (
    select
        *,
        case
            when reserved_from is null then null
            when from_minute >= reserved_from then 0
            else greatest(0, reserved_from - greatest(slot_start_minute, {{ arrival_counted('from_minute', 'reserved') }}))
        end as minutes_before,
        case
            when reserved_until is null then null
            when stayed_until <= reserved_until then 0
            else greatest(
                0, least(slot_end_minute, {{ departure_counted('stayed_until', 'reserved') }}) - reserved_until
            )
        end as minutes_after
    from reserved
    where is_present and (free_until is null or free_until <= day)
),

overtime as (
    select
        *,
        case
            when reserved_from is null then null
            when rounding_on in ('ends', 'arrival', 'departure') then minutes_before + minutes_after
            else rounding_minutes * {{ units_counted(
                'minutes_before + minutes_after', 'rounding_mode', 'rounding_minutes', 'tolerance_minutes'
            ) }}
        end as minutes
    from beyond
),

found as (
    select
        child_id,
        service_id,
        day,
        'overtime' as kind,
        minutes,
        {{ whole_division('minutes + rounding_minutes - 1', 'rounding_minutes') }} as units_begun
    from overtime
    where minutes is null or minutes > 0
    union all
    select
        under_contract.child_id,
        under_contract.service_id,
        under_contract.day,
        'deduction' as kind,
        under_contract.planned_end_minute - under_contract.planned_start_minute as minutes,
        cast(null as integer) as units_begun
    from under_contract
    left join {{ ref('int_attendance__deductions') }} as deductions
        on under_contract.child_id = deductions.child_id
        and under_contract.service_id = deductions.service_id
        and under_contract.day = deductions.day
    where
        under_contract.situation = 'absent_justified'
        and under_contract.is_planned
        and not coalesce(deductions.is_billed, false)
)

-- Without hours nobody can tell what lies beyond them, nor what an absence takes off.
select
    child_id,
    service_id,
    day,
    kind,
    cast(minutes as integer) as billed_minutes,
    cast(units_begun as integer) as units_begun,
    cast(minutes as integer) as rounded_minutes,
    case when minutes is null then 'contract_hours_missing' end as line_fault
from found
