{{ config(materialized='view') }}

-- Read once, by the lines: wide rows are not written for that.
with attended as (
    select
        decided.*,
        service_days.service_kind,
        service_days.bill_basis,
        service_days.undecided_default,
        service_days.rounding_minutes,
        service_days.rounding_on,
        service_days.rounding_mode,
        service_days.tolerance_minutes,
        service_days.qf_rule,
        service_days.day_kind,
        service_days.slot_start_minute,
        coalesce(versions.has_late_price, false) as has_late_price,
        service_days.slot_end_minute,
        coalesce(decided.planned_start_minute, service_days.slot_start_minute) as from_minute,
        coalesce(decided.planned_end_minute, service_days.slot_end_minute) as until_minute
    from {{ ref('int_attendance__decided') }} as decided
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on decided.service_id = service_days.service_id
        and decided.structure_id = service_days.structure_id
        and decided.day = service_days.day
    cross join {{ ref('stg_records__build_days') }} as build_days
    left join {{ ref('int_pricing__versions') }} as versions
        on decided.service_id = versions.service_id
        and versions.valid_from <= decided.day
        and (versions.valid_to is null or decided.day < versions.valid_to)
    left join {{ ref('stg_records__care_contracts') }} as contracts
        on decided.enrolment_id = contracts.enrolment_id
        and contracts.valid_from <= decided.day
        and decided.day < contracts.valid_to
    left join {{ ref('stg_records__enrolments') }} as enrolments on decided.enrolment_id = enrolments.enrolment_id
    where
        service_days.is_priced
        and decided.day <= build_days.last_line_day
        -- Packages alone: coming adds nothing to them. A contract has its own lines, a séjour one for all its days.
        and coalesce(versions.has_day_price, true)
        and contracts.enrolment_id is null
        and enrolments.sejour_id is null
),

-- A line rests on presence, or on the booking; then an absence nobody decided follows the service's default.
due as (
    select
        attended.*,
        case
            when attended.situation = 'absent_justified' then coalesce(deductions.is_billed, false)
            when attended.situation = 'absent_undecided' then attended.undecided_default = 'billed'
            else true
        end as is_due,
        case attended.service_kind
            when 'canteen' then 'meal'
            when 'leisure_wednesday' then 'formula'
            else 'care'
        end as kind,
        case
            when attended.is_present and attended.has_late_price then attended.inside_minutes
            when attended.is_present then attended.counted_minutes
            -- What a child would pay who had been there all the time.
            else greatest(
                0,
                least({{ departure_counted('until_minute', 'attended') }}, attended.slot_end_minute)
                - greatest({{ arrival_counted('from_minute', 'attended') }}, attended.slot_start_minute)
            )
        end as counted
    from attended
    left join {{ ref('int_attendance__deductions') }} as deductions
        on attended.child_id = deductions.child_id
        and attended.service_id = deductions.service_id
        and attended.day = deductions.day
    where
        attended.is_present
        or (
            attended.bill_basis = 'booking'
            and attended.is_planned
            and not (attended.situation = 'absent_undecided' and attended.undecided_default = 'no_line')
        )
),

-- Rounded by its ends, a stay has had its tolerance; its duration then counts whole units.
measured as (
    select
        *,
        case when kind <> 'meal' then counted end as minutes,
        case
            when kind = 'meal' then null
            when rounding_on = 'duration'
                then {{ units_counted('counted', 'rounding_mode', 'rounding_minutes', 'tolerance_minutes') }}
            else {{ units_begun('counted', 'rounding_minutes') }}
        end as units_begun,
        -- What a price by periods begun of its own length counts.
        case
            when kind = 'meal' then null
            when rounding_on = 'duration' then greatest(0, counted - tolerance_minutes)
            else counted
        end as begun_minutes
    from due
)

select
    measured.child_id,
    measured.service_id,
    measured.day,
    measured.structure_id,
    measured.enrolment_id,
    measured.category,
    measured.kind,
    cast(null as varchar) as rule_kind,
    measured.situation,
    -- A code that the service does not know is no formula.
    formulas.formula_code,
    formulas.half_days,
    case when measured.kind = 'care' then measured.minutes end as billed_minutes,
    measured.units_begun,
    measured.begun_minutes,
    -- Hours and minutes that are billed follow the service's rounding too.
    case
        when measured.rounding_on = 'duration' then measured.units_begun * measured.rounding_minutes
        else measured.minutes
    end as rounded_minutes,
    measured.is_due,
    measured.is_booked_late,
    measured.origin,
    cast(
        {{ days_from('measured.received_on', 'measured.day') }} * 1440
        + measured.slot_start_minute - measured.received_minute as integer
    ) as lead_minutes,
    measured.day_kind,
    measured.rounding_minutes,
    measured.rounding_on,
    measured.rounding_mode,
    measured.qf_rule,
    measured.arrived_minute,
    measured.left_minute,
    measured.is_arrival_derived,
    measured.is_departure_derived,
    -- Until the slot is over an arrival, a departure or a last-minute decision may still come.
    not measured.is_over as is_provisional,
    held_back.reason as held_back,
    cast(null as varchar) as period,
    cast(null as integer) as day_count,
    1 as minutes_over,
    case when measured.kind = 'care' and measured.is_backwards then 'hours_backwards' end as line_fault
from measured
left join {{ ref('int_attendance__held_back') }} as held_back
    on measured.child_id = held_back.child_id
    and measured.service_id = held_back.service_id
    and measured.day = held_back.day
    and held_back.holds_line
left join {{ ref('stg_records__service_formulas') }} as formulas
    on measured.kind <> 'meal'
    and measured.service_id = formulas.service_id
    and measured.formula_code = formulas.formula_code
