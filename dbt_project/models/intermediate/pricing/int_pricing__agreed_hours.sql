-- The hours that a contract reserves, day by day: those of a pattern of its own enrolment, by the order of
-- int_attendance__expected. A day booked beside the patterns has none, whatever hours the booking says: to come then is
-- beyond the contract (domain notes §5, CAF notes §1.2).
with contracts as (
    select
        enrolments.service_id,
        enrolments.structure_id,
        contracts.enrolment_id,
        greatest(contracts.valid_from, enrolments.valid_from) as first_day,
        least(contracts.valid_to, coalesce(enrolments.valid_to, contracts.valid_to)) as end_day
    from {{ ref('stg_records__care_contracts') }} as contracts
    inner join {{ ref('stg_records__enrolments') }} as enrolments on contracts.enrolment_id = enrolments.enrolment_id
),

pattern_days as (
    select
        contracts.enrolment_id,
        service_days.day,
        service_days.is_shut_by_event,
        patterns.start_minute,
        patterns.end_minute,
        row_number() over (
            partition by contracts.enrolment_id, service_days.day
            order by patterns.valid_from desc, patterns.week_cycle is not null desc, patterns.enrolment_pattern_id desc
        ) as preference
    from contracts
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on contracts.service_id = service_days.service_id
        and contracts.structure_id = service_days.structure_id
        and contracts.first_day <= service_days.day
        and service_days.day < contracts.end_day
    inner join {{ ref('stg_records__enrolment_patterns') }} as patterns
        on contracts.enrolment_id = patterns.enrolment_id
        and {{ pattern_names_day('patterns', 'service_days') }}
    where service_days.is_open or service_days.is_shut_by_event
)

select
    enrolment_id,
    day,
    start_minute as agreed_start_minute,
    end_minute as agreed_end_minute,
    end_minute - start_minute as agreed_minutes,
    is_shut_by_event
from pattern_days
where preference = 1
