with planned as (
    select * from {{ ref('int_attendance__expected') }}
),

-- On most days there is one stay alone, and nothing to sum.
presences as (
    select
        child_id,
        service_id,
        day,
        structure_id,
        arrived_minute,
        case when not is_open then left_minute end as left_minute,
        is_open,
        is_arrival_derived,
        coalesce(is_departure_derived, false) as is_departure_derived,
        is_backwards,
        real_minutes,
        billed_minutes,
        counted_minutes,
        inside_minutes,
        billed_from_minute as from_minute,
        billed_until_minute as until_minute
    from {{ ref('int_attendance__stays_settled') }}
    where is_only_stay
    union all
    select
        child_id,
        service_id,
        day,
        max(structure_id) as structure_id,
        min(arrived_minute) as arrived_minute,
        case when max(case when is_open then 1 else 0 end) = 0 then max(left_minute) end as left_minute,
        max(case when is_open then 1 else 0 end) = 1 as is_open,
        max(case when is_arrival_derived then 1 else 0 end) = 1 as is_arrival_derived,
        max(case when is_departure_derived then 1 else 0 end) = 1 as is_departure_derived,
        max(case when is_backwards then 1 else 0 end) = 1 as is_backwards,
        cast(sum(real_minutes) as integer) as real_minutes,
        cast(sum(billed_minutes) as integer) as billed_minutes,
        cast(sum(counted_minutes) as integer) as counted_minutes,
        cast(sum(inside_minutes) as integer) as inside_minutes,
        min(billed_from_minute) as from_minute,
        max(billed_until_minute) as until_minute
    from {{ ref('int_attendance__stays_settled') }}
    where not is_only_stay
    group by child_id, service_id, day
),

met as {{ not_kept() }} (
    select
        coalesce(presences.child_id, planned.child_id) as child_id,
        coalesce(presences.service_id, planned.service_id) as service_id,
        coalesce(presences.day, planned.day) as day,
        coalesce(presences.structure_id, planned.structure_id) as structure_id,
        planned.enrolment_id as planned_enrolment_id,
        planned.category as planned_category,
        planned.formula_code as planned_formula_code,
        planned.planned_start_minute,
        planned.planned_end_minute,
        planned.child_id is not null as is_planned,
        coalesce(planned.is_expected, false) as is_expected,
        coalesce(planned.is_absence_declared, false) as is_absence_declared,
        coalesce(planned.is_booked_late, false) as is_booked_late,
        planned.origin,
        planned.received_on,
        planned.received_minute,
        presences.child_id is not null as is_present,
        presences.arrived_minute,
        presences.left_minute,
        coalesce(presences.is_open, false) as is_open,
        coalesce(presences.is_arrival_derived, false) as is_arrival_derived,
        coalesce(presences.is_departure_derived, false) as is_departure_derived,
        coalesce(presences.is_backwards, false) as is_backwards,
        presences.real_minutes,
        presences.billed_minutes,
        presences.counted_minutes,
        presences.inside_minutes,
        presences.from_minute,
        presences.until_minute
    from presences
    full outer join planned
        on presences.child_id = planned.child_id
        and presences.service_id = planned.service_id
        and presences.day = planned.day
),

-- Somebody present who was not planned is billed on an enrolment of that service in force: at the same place first.
-- Most children have one of a service, and nothing to put in order.
sole_enrolments as (
    select
        child_id,
        service_id,
        min(enrolment_id) as enrolment_id,
        min(category) as category,
        min(valid_from) as valid_from,
        min(valid_to) as valid_to
    from {{ ref('stg_records__enrolments') }}
    group by child_id, service_id
    having count(*) = 1
),

enrolled as (
    select
        met.child_id,
        met.service_id,
        met.day,
        enrolments.enrolment_id,
        enrolments.category,
        row_number() over (
            partition by met.child_id, met.service_id, met.day
            order by
                enrolments.structure_id = met.structure_id desc,
                enrolments.valid_from desc,
                enrolments.enrolment_id desc
        ) as preference
    from met
    inner join {{ ref('stg_records__enrolments') }} as enrolments
        on met.child_id = enrolments.child_id
        and met.service_id = enrolments.service_id
        and enrolments.valid_from <= met.day
        and (enrolments.valid_to is null or met.day < enrolments.valid_to)
    left join sole_enrolments
        on enrolments.enrolment_id = sole_enrolments.enrolment_id
    where not met.is_planned and sole_enrolments.enrolment_id is null
),

-- Present without a formula: the one whose hours differ least from the hours of presence, then the shortest.
nearest_formulas as (
    select
        met.child_id,
        met.service_id,
        met.day,
        formulas.formula_code,
        row_number() over (
            partition by met.child_id, met.service_id, met.day
            order by
                (met.until_minute - met.from_minute) + (formulas.end_minute - formulas.start_minute)
                - 2 * greatest(
                    0,
                    least(met.until_minute, formulas.end_minute) - greatest(met.from_minute, formulas.start_minute)
                ),
                formulas.end_minute - formulas.start_minute,
                formulas.formula_code
        ) as preference
    from met
    inner join {{ ref('stg_records__service_formulas') }} as formulas on met.service_id = formulas.service_id
    where met.is_present and met.planned_formula_code is null
)

select
    met.child_id,
    met.service_id,
    met.day,
    met.structure_id,
    case when met.is_planned then met.planned_enrolment_id else coalesce(sole_enrolments.enrolment_id, enrolled.enrolment_id) end
        as enrolment_id,
    case
        when met.is_planned then met.planned_category
        when sole_enrolments.enrolment_id is not null then sole_enrolments.category
        else enrolled.category
    end as category,
    coalesce(met.planned_formula_code, nearest_formulas.formula_code) as formula_code,
    nearest_formulas.formula_code is not null as is_formula_derived,
    met.planned_start_minute,
    met.planned_end_minute,
    met.is_planned,
    met.is_expected,
    met.is_booked_late,
    met.origin,
    met.received_on,
    met.received_minute,
    met.is_present,
    case when not met.is_present then decisions.absence_reason_id end as absence_reason_id,
    -- An absence decided before the slot begins is known to the kitchen; one decided afterwards explains a plate.
    not met.is_present
    and decisions.absence is not null
    and decisions.absence_recorded_at
    < service_days.slot_start_at as is_absence_foreseen,
    moments.as_of >= service_days.slot_end_at as is_over,
    case
        when met.is_present and met.is_planned then 'present'
        when met.is_present then 'present_unexpected'
        when decisions.absence is not null then decisions.absence
        when met.is_absence_declared then 'absent_declared'
        when moments.as_of >= service_days.slot_end_at then 'absent_undecided'
        else 'planned'
    end as situation,
    met.arrived_minute,
    met.left_minute,
    met.is_open,
    met.is_arrival_derived,
    met.is_departure_derived,
    met.is_backwards,
    met.real_minutes,
    met.billed_minutes,
    met.counted_minutes,
    met.inside_minutes,
    met.from_minute as present_from_minute,
    met.until_minute as present_until_minute,
    coalesce(met.is_present and decisions.is_late_accepted, false) as is_late_accepted
from met
inner join {{ ref('int_calendar__service_days') }} as service_days
    on met.service_id = service_days.service_id
    and met.structure_id = service_days.structure_id
    and met.day = service_days.day
inner join {{ ref('stg_records__build_moments') }} as moments on met.structure_id = moments.structure_id
left join sole_enrolments
    on met.child_id = sole_enrolments.child_id
    and met.service_id = sole_enrolments.service_id
    and sole_enrolments.valid_from <= met.day
    and (sole_enrolments.valid_to is null or met.day < sole_enrolments.valid_to)
left join enrolled
    on met.child_id = enrolled.child_id
    and met.service_id = enrolled.service_id
    and met.day = enrolled.day
    and enrolled.preference = 1
left join nearest_formulas
    on met.child_id = nearest_formulas.child_id
    and met.service_id = nearest_formulas.service_id
    and met.day = nearest_formulas.day
    and nearest_formulas.preference = 1
left join {{ ref('int_attendance__decisions') }} as decisions
    on met.child_id = decisions.child_id
    and met.service_id = decisions.service_id
    and met.day = decisions.day
