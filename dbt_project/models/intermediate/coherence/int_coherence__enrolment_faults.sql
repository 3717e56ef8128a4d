-- Enrolments that lack a payer, a calendar of custody or a meal, and those that say the same thing twice.
with today as (
    select last_line_day as day from {{ ref('stg_records__build_days') }}
),

shared as (
    select
        enrolment_id,
        child_id,
        service_id,
        structure_id
    from {{ ref('int_coherence__paid') }}
    group by enrolment_id, child_id, service_id, structure_id
    having count(distinct payer_id) > 1 or max(case when rule = 'custody' then 1 else 0 end) = 1
),

custody_missing as (
    select shared.*
    from shared
    where
        shared.child_id not in (
            select calendars.child_id
            from {{ ref('stg_records__custody_calendars') }} as calendars
            inner join today on calendars.valid_from <= today.day
        )
),

payer_missing as (
    select enrolled.*
    from {{ ref('int_coherence__enrolled') }} as enrolled
    where
        enrolled.has_begun
        and enrolled.enrolment_id not in (select paid.enrolment_id from {{ ref('int_coherence__paid') }} as paid)
        and enrolled.service_id in (
            select rules.service_id
            from {{ ref('stg_records__service_rules') }} as rules
            inner join today on rules.valid_from <= today.day
            where rules.is_priced
        )
),

unplanned as (
    select enrolled.*
    from {{ ref('int_coherence__enrolled') }} as enrolled
    inner join {{ ref('stg_records__services') }} as services
        on enrolled.service_id = services.service_id and services.service_kind = 'canteen'
    left join {{ ref('stg_records__enrolment_patterns') }} as patterns
        on enrolled.enrolment_id = patterns.enrolment_id
        and (patterns.valid_to is null or patterns.valid_to > enrolled.today)
    left join {{ ref('stg_records__bookings') }} as bookings
        on enrolled.child_id = bookings.child_id
        and enrolled.service_id = bookings.service_id
        and bookings.day >= enrolled.today
        and bookings.action in ('book', 'accept')
    where enrolled.has_begun and patterns.enrolment_id is null and bookings.child_id is null
),

weekdays as (
    select distinct
        enrolment_id,
        weekday
    from {{ ref('stg_records__enrolment_patterns') }}
),

-- Two places may share a child by different weekdays; at one place two enrolments of a service say it twice.
overlapping as (
    select distinct
        enrolled.child_id,
        enrolled.service_id,
        enrolled.structure_id,
        enrolled.enrolment_id,
        others.enrolment_id as other_id
    from {{ ref('int_coherence__enrolled') }} as enrolled
    inner join {{ ref('int_coherence__enrolled') }} as others
        on enrolled.child_id = others.child_id
        and enrolled.service_id = others.service_id
        and enrolled.enrolment_id < others.enrolment_id
        and (enrolled.valid_to is null or others.valid_from < enrolled.valid_to)
        and (others.valid_to is null or enrolled.valid_from < others.valid_to)
    left join weekdays on enrolled.enrolment_id = weekdays.enrolment_id
    left join weekdays as other_weekdays on others.enrolment_id = other_weekdays.enrolment_id
    where
        enrolled.structure_id = others.structure_id
        or weekdays.weekday is null
        or other_weekdays.weekday is null
        or weekdays.weekday = other_weekdays.weekday
)

{{ coherence_fault('custody_missing', 'custody_missing', {'enrolment_id': 'enrolment_id'}) }}
union all
{{ coherence_fault('payer_missing', 'payer_missing', {'enrolment_id': 'enrolment_id'}) }}
union all
{{ coherence_fault('meals_unplanned', 'unplanned', {'enrolment_id': 'enrolment_id'}) }}
union all
{{ coherence_fault('enrolments_overlap', 'overlapping', {'enrolment_id': 'enrolment_id', 'other_id': 'other_id'}) }}
