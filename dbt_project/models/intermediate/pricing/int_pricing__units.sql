with attended as (
    select
        decided.*,
        service_days.service_kind,
        service_days.bill_basis,
        service_days.undecided_default,
        service_days.rounding_minutes,
        service_days.tolerance_minutes,
        service_days.qf_rule,
        coalesce(decided.planned_end_minute, service_days.slot_end_minute)
        - coalesce(decided.planned_start_minute, service_days.slot_start_minute) as planned_minutes
    from {{ ref('int_attendance__decided') }} as decided
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on decided.service_id = service_days.service_id
        and decided.structure_id = service_days.structure_id
        and decided.day = service_days.day
    cross join {{ ref('stg_records__build_days') }} as build_days
    where service_days.is_priced and decided.day <= build_days.last_line_day
),

-- A line rests on presence, or on the booking; then an absence nobody decided follows the service's default.
due as (
    select
        *,
        case
            when situation = 'absent_justified' then false
            when situation = 'absent_undecided' then undecided_default = 'billed'
            else true
        end as is_due,
        case service_kind
            when 'canteen' then 'meal'
            when 'leisure_wednesday' then 'formula'
            else 'care'
        end as kind
    from attended
    where
        is_present
        or (
            bill_basis = 'booking'
            and is_planned
            and not (situation = 'absent_undecided' and undecided_default = 'no_line')
        )
)

select
    due.child_id,
    due.service_id,
    due.day,
    due.structure_id,
    enrolment_id,
    category,
    kind,
    situation,
    -- A code that the service does not know is no formula.
    case when kind = 'formula' then formulas.formula_code end as formula_code,
    case kind when 'care' then 'unit_begun' else kind end as unit,
    case when kind = 'care' then case when is_present then billed_minutes else planned_minutes end end
        as billed_minutes,
    case
        when not is_due then 0
        when kind <> 'care' then 1
        else {{ units_begun(
            "case when is_present then billed_minutes else planned_minutes end",
            "rounding_minutes", "tolerance_minutes"
        ) }}
    end as units,
    rounding_minutes,
    qf_rule,
    arrived_minute,
    left_minute,
    is_arrival_derived,
    is_departure_derived,
    -- Until the slot is over an arrival, a departure or a last-minute decision may still come.
    not is_over as is_provisional,
    held_back.reason as held_back
from due
left join {{ ref('int_attendance__held_back') }} as held_back
    on due.child_id = held_back.child_id
    and due.service_id = held_back.service_id
    and due.day = held_back.day
    and held_back.holds_line
left join {{ ref('stg_records__service_formulas') }} as formulas
    on due.service_id = formulas.service_id and due.formula_code = formulas.formula_code
