-- Where a slot is over, those who came, by their own hours; before, those expected, by what was booked (a child who
-- came unexpected too). Only care that the State counts: a canteen that is not declared has the town's own ratio.
with offered as (
    select
        service_id,
        structure_id,
        day,
        caf_kind,
        slot_start_minute,
        slot_end_minute,
        caf_kind like 'periscolaire%' as is_periscolaire
    from {{ ref('int_calendar__service_days') }}
    where is_open and (caf_kind in ('eaje', 'extrascolaire') or caf_kind like 'periscolaire%')
),

-- The hours that make a care long are consecutive (CASF R227-16): a morning, a midday and an afternoon that follow each
-- other without a break are one.
followed as (
    select
        *,
        case
            when slot_start_minute <= max(slot_end_minute) over (
                partition by structure_id, day, is_periscolaire order by slot_start_minute, slot_end_minute, service_id
                rows between unbounded preceding and 1 preceding
            )
                then 0
            else 1
        end as begins
    from offered
),

runs as (
    select
        *,
        sum(begins) over (
            partition by structure_id, day, is_periscolaire order by slot_start_minute, slot_end_minute, service_id
            rows between unbounded preceding and current row
        ) as run
    from followed
),

lasting as (
    select
        *,
        max(slot_end_minute) over (partition by structure_id, day, is_periscolaire, run)
        - min(slot_start_minute) over (partition by structure_id, day, is_periscolaire, run) as consecutive_minutes
    from runs
),

services as (
    select
        lasting.service_id,
        lasting.structure_id,
        lasting.day,
        lasting.slot_start_minute,
        lasting.slot_end_minute,
        case
            when lasting.caf_kind = 'eaje' then 'daycare'
            when lasting.caf_kind = 'extrascolaire' then 'holiday'
            when lasting.consecutive_minutes > ratios.long_after then 'long'
            else 'short'
        end as care
    from lasting
    inner join {{ ref('int_staffing__ratios') }} as ratios
        on lasting.structure_id = ratios.structure_id and lasting.day = ratios.day
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
