-- Where a slot is over, those who came, by their own hours; before, those expected, by what was booked (a child who
-- came unexpected too). Only care that the State counts: a canteen that is not declared has the town's own ratio.
with services as (
    select
        service_days.service_id,
        service_days.structure_id,
        service_days.day,
        service_days.slot_start_minute,
        service_days.slot_end_minute,
        case
            when service_days.caf_kind = 'eaje' then 'daycare'
            when service_days.caf_kind = 'extrascolaire' then 'holiday'
            when service_days.slot_end_minute - service_days.slot_start_minute > ratios.long_after then 'long'
            else 'short'
        end as care
    from {{ ref('int_calendar__service_days') }} as service_days
    inner join {{ ref('int_staffing__ratios') }} as ratios
        on service_days.structure_id = ratios.structure_id and service_days.day = ratios.day
    where
        service_days.is_open
        and (service_days.caf_kind in ('eaje', 'extrascolaire') or service_days.caf_kind like 'periscolaire%')
),

came as (
    select
        services.structure_id,
        services.day,
        services.service_id,
        services.care,
        stays.child_id,
        stays.arrived_minute as from_minute,
        stays.billed_until_minute as until_minute,
        false as is_planned,
        decided.enrolment_id,
        decided.received_on,
        decided.received_minute,
        decided.is_booked_late
    from {{ ref('int_attendance__decided') }} as decided
    inner join services
        on decided.service_id = services.service_id
        and decided.structure_id = services.structure_id
        and decided.day = services.day
    inner join {{ ref('int_attendance__stays_settled') }} as stays
        on decided.child_id = stays.child_id
        and decided.service_id = stays.service_id
        and decided.day = stays.day
    where decided.is_present and decided.is_over
),

coming as (
    select
        services.structure_id,
        services.day,
        services.service_id,
        services.care,
        decided.child_id,
        coalesce(
            decided.planned_start_minute, formulas.start_minute, decided.arrived_minute, services.slot_start_minute
        ) as from_minute,
        coalesce(decided.planned_end_minute, formulas.end_minute, services.slot_end_minute) as until_minute,
        true as is_planned,
        decided.enrolment_id,
        decided.received_on,
        decided.received_minute,
        decided.is_booked_late
    from {{ ref('int_attendance__decided') }} as decided
    inner join services
        on decided.service_id = services.service_id
        and decided.structure_id = services.structure_id
        and decided.day = services.day
    left join {{ ref('stg_records__service_formulas') }} as formulas
        on decided.service_id = formulas.service_id and decided.formula_code = formulas.formula_code
    where not decided.is_over and decided.situation in ('planned', 'present', 'present_unexpected')
),

together as (
    select * from came
    union all
    select * from coming
),

-- Somebody in two services at once is one child: the later one begins where the earlier one ends.
apart as (
    select
        *,
        {{ row_numbers() }} as number
    from together
),

once as (
    select
        *,
        greatest(
            from_minute,
            coalesce(
                max(until_minute) over (
                    partition by structure_id, day, child_id order by from_minute, until_minute, number
                    rows between unbounded preceding and 1 preceding
                ),
                from_minute
            )
        ) as once_from
    from apart
)

select
    once.structure_id,
    once.day,
    once.service_id,
    once.care,
    once.child_id,
    cast(once.once_from as integer) as from_minute,
    cast(once.until_minute as integer) as until_minute,
    -- Nobody's age is taken for more than it is known to be: the stricter ratio.
    case
        when {{ age_years('persons.birth_date', 'once.day') }} >= ratios.age_limit_years then 'from_6'
        else 'under_6'
    end as age_group,
    once.care = 'daycare'
    and coalesce({{ age_months('persons.birth_date', 'once.day') }} >= ratios.walking_from_months, false) as is_walking,
    once.is_planned,
    once.enrolment_id,
    once.received_on,
    once.received_minute,
    once.is_booked_late
from once
inner join {{ ref('int_staffing__ratios') }} as ratios
    on once.structure_id = ratios.structure_id and once.day = ratios.day
-- The ratio counts children.
inner join {{ ref('int_attendance__children') }} as children on once.child_id = children.child_id
inner join {{ ref('stg_records__persons') }} as persons on once.child_id = persons.person_id
where once.once_from < once.until_minute
