-- Days under a contract that change its bill: hours beyond those reserved, and hours reserved that an absence takes
-- off. An absence deducts from the day that its reason says (CAF notes §1.2).
with under_contract as (
    select
        decided.*,
        contracts.free_until,
        agreed.agreed_start_minute,
        agreed.agreed_end_minute,
        agreed.agreed_minutes,
        decided.is_planned and agreed.enrolment_id is not null as is_agreed,
        service_days.slot_start_minute,
        service_days.slot_end_minute,
        service_days.rounding_minutes,
        service_days.rounding_on,
        service_days.rounding_mode,
        service_days.tolerance_minutes,
        -- Lateness that somebody accepted is more of the same, unless it has a price of its own.
        case
            when decided.is_late_accepted and not coalesce(versions.has_late_price, false) then 1440
            else service_days.slot_end_minute
        end as last_minute
    from {{ ref('int_attendance__decided') }} as decided
    inner join {{ ref('stg_records__care_contracts') }} as contracts
        on decided.enrolment_id = contracts.enrolment_id
        and contracts.valid_from <= decided.day
        and decided.day < contracts.valid_to
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on decided.service_id = service_days.service_id
        and decided.structure_id = service_days.structure_id
        and decided.day = service_days.day
    left join {{ ref('int_pricing__agreed_hours') }} as agreed
        on decided.enrolment_id = agreed.enrolment_id and decided.day = agreed.day
    left join {{ ref('int_pricing__versions') }} as versions
        on decided.service_id = versions.service_id
        and versions.valid_from <= decided.day
        and (versions.valid_to is null or decided.day < versions.valid_to)
),

-- Who was not expected, or booked a day that the contract does not have, is beyond it from the first minute to the last.
reserved as (
    select
        *,
        case when is_agreed then agreed_start_minute else last_minute end as reserved_from,
        case when is_agreed then agreed_end_minute else last_minute end as reserved_until
    from under_contract
    where is_present and (free_until is null or free_until <= day)
),

stays as (
    select
        reserved.*,
        stays.stay_no,
        stays.arrived_minute as came_minute,
        stays.billed_until_minute as went_minute,
        {{ arrival_counted('stays.arrived_minute', 'reserved') }} as came_counted,
        {{ departure_counted('stays.billed_until_minute', 'reserved') }} as went_counted
    from reserved
    inner join {{ ref('int_attendance__stays_settled') }} as stays
        on reserved.child_id = stays.child_id
        and reserved.service_id = stays.service_id
        and reserved.day = stays.day
),

-- The parts of each stay before and after the reserved hours; an end that lies outside them is on the grid of the
-- unit where the rule rounds it.
outside as (
    select
        child_id,
        service_id,
        day,
        stay_no,
        greatest(slot_start_minute, came_counted) as from_minute,
        case when went_minute < reserved_from then least(reserved_from, went_counted) else reserved_from end as until_minute
    from stays
    where came_minute < reserved_from
    union all
    select
        child_id,
        service_id,
        day,
        stay_no,
        case when came_minute > reserved_until then greatest(reserved_until, came_counted) else reserved_until end
            as from_minute,
        least(last_minute, went_counted) as until_minute
    from stays
    where went_minute > reserved_until
),

apart as (
    select
        *,
        greatest(from_minute, coalesce({{ ended_before('until_minute', 'from_minute') }}, from_minute)) as once_from
    from outside
),

beyond as (
    select
        child_id,
        service_id,
        day,
        cast(sum(greatest(0, until_minute - once_from)) as integer) as minutes_outside
    from apart
    group by child_id, service_id, day
),

overtime as (
    select
        reserved.child_id,
        reserved.service_id,
        reserved.day,
        reserved.rounding_minutes,
        case
            when reserved.reserved_from is null or reserved.reserved_until is null then null
            when reserved.rounding_on = 'duration'
                then reserved.rounding_minutes * {{ units_counted(
                    'coalesce(beyond.minutes_outside, 0)', 'reserved.rounding_mode', 'reserved.rounding_minutes',
                    'reserved.tolerance_minutes'
                ) }}
            else coalesce(beyond.minutes_outside, 0)
        end as minutes
    from reserved
    left join beyond
        on reserved.child_id = beyond.child_id
        and reserved.service_id = beyond.service_id
        and reserved.day = beyond.day
),

found as (
    select
        child_id,
        service_id,
        day,
        'overtime' as kind,
        minutes,
        {{ units_begun('minutes', 'rounding_minutes') }} as units_begun
    from overtime
    where minutes is null or minutes > 0
    union all
    select
        under_contract.child_id,
        under_contract.service_id,
        under_contract.day,
        'deduction' as kind,
        under_contract.agreed_minutes as minutes,
        cast(null as integer) as units_begun
    from under_contract
    left join {{ ref('int_attendance__deductions') }} as deductions
        on under_contract.child_id = deductions.child_id
        and under_contract.service_id = deductions.service_id
        and under_contract.day = deductions.day
    where
        under_contract.situation = 'absent_justified'
        and under_contract.is_agreed
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
    cast(case when units_begun is not null then minutes end as integer) as begun_minutes,
    cast(minutes as integer) as rounded_minutes,
    case when minutes is null then 'contract_hours_missing' end as line_fault
from found
