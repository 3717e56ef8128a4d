-- Presences that no enrolment, no opening hour or no declared hour can carry.
with today as (
    select last_line_day as day from {{ ref('stg_records__build_days') }}
),

not_enrolled as (
    select
        decided.child_id,
        decided.service_id,
        max(decided.structure_id) as structure_id,
        max(decided.day) as last_day
    from {{ ref('int_attendance__decided') }} as decided
    inner join today
        on {{ days_from('decided.day', 'today.day') }} between 0 and {{ var('coherence_presence_days') }}
    where decided.is_present and decided.enrolment_id is null
    group by decided.child_id, decided.service_id
),

-- The places that shut inside their day, less what is let pass at both ends.
breaks as (
    select
        structure_id,
        day,
        shut_from_minute + {{ var('coherence_opening_minutes') }} as from_minute,
        shut_until_minute - {{ var('coherence_opening_minutes') }} as until_minute
    from {{ ref('int_calendar__opening_hours') }}
    where shut_from_minute is not null
),

-- A stay that was told to begin or to end while the place was shut inside its day, or to go through it.
inside_breaks as (
    select
        stays.child_id,
        stays.service_id,
        stays.structure_id,
        stays.day
    from {{ ref('int_attendance__stays_settled') }} as stays
    inner join breaks on stays.structure_id = breaks.structure_id and stays.day = breaks.day
    inner join today
        on {{ days_from('stays.day', 'today.day') }} between 0 and {{ var('coherence_presence_days') }}
    where
        (not stays.is_arrival_derived and stays.arrived_minute > breaks.from_minute and stays.arrived_minute < breaks.until_minute)
        or (not stays.is_departure_derived and stays.left_minute > breaks.from_minute and stays.left_minute < breaks.until_minute)
        or (
            not stays.is_arrival_derived
            and not stays.is_departure_derived
            and stays.arrived_minute <= breaks.from_minute
            and stays.left_minute >= breaks.until_minute
        )
),

-- A minute that was tapped or told while the place was shut; one derived from the slot is nobody's word.
outside_days as (
    select
        decided.child_id,
        decided.service_id,
        decided.structure_id,
        decided.day
    from {{ ref('int_attendance__decided') }} as decided
    inner join {{ ref('int_calendar__opening_hours') }} as hours
        on decided.structure_id = hours.structure_id and decided.day = hours.day
    inner join today
        on {{ days_from('decided.day', 'today.day') }} between 0 and {{ var('coherence_presence_days') }}
    where
        decided.is_present
        and (
            hours.open_minute is null
            or (
                not decided.is_arrival_derived
                and decided.arrived_minute < hours.open_minute - {{ var('coherence_opening_minutes') }}
            )
            or (
                not decided.is_departure_derived
                and decided.left_minute > hours.close_minute + {{ var('coherence_opening_minutes') }}
            )
        )
    union all
    select
        child_id,
        service_id,
        structure_id,
        day
    from inside_breaks
),

outside_hours as (
    select
        child_id,
        service_id,
        max(structure_id) as structure_id,
        max(day) as last_day
    from outside_days
    group by child_id, service_id
),

-- CAF pays for no hour of a shut place: all services of a day together, against the hours of its opening. Nobody
-- declares the hours of a child past the age.
caf_days as (
    select
        child_id,
        structure_id,
        day,
        sum(minutes) as minutes
    from {{ ref('int_caf__hours') }}
    where coalesce(fault, '') <> 'over_age'
    group by child_id, structure_id, day
),

caf_above_opening as (
    select
        caf_days.child_id,
        caf_days.structure_id,
        max(caf_days.day) as last_day
    from caf_days
    inner join {{ ref('int_calendar__opening_hours') }} as hours
        on caf_days.structure_id = hours.structure_id and caf_days.day = hours.day
    where caf_days.minutes > hours.open_minutes
    group by caf_days.child_id, caf_days.structure_id
)

{{ coherence_fault('enrolment_missing', 'not_enrolled', {
    'person_id': 'child_id', 'service_id': 'service_id', 'structure_id': 'structure_id', 'day': 'last_day'
}) }}
union all
{{ coherence_fault('presence_outside_hours', 'outside_hours', {
    'person_id': 'child_id', 'service_id': 'service_id', 'structure_id': 'structure_id', 'day': 'last_day'
}) }}
union all
{{ coherence_fault('caf_above_opening', 'caf_above_opening', {
    'person_id': 'child_id', 'other_id': 'structure_id', 'structure_id': 'structure_id', 'day': 'last_day'
}) }}
