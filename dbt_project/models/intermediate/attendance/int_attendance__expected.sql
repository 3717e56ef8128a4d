-- Pupils of a class that is away or not received are not expected where the event covers the whole slot.
with away as (
    select distinct
        memberships.person_id as child_id,
        service_days.service_id,
        service_days.structure_id,
        service_days.day
    from {{ ref('stg_records__calendar_events') }} as events
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on service_days.day >= events.starts_on
        and service_days.day < events.ends_on
        and (events.structure_id is null or events.structure_id = service_days.structure_id)
        and (events.service_id is null or events.service_id = service_days.service_id)
        and (events.start_minute is null or events.start_minute <= service_days.slot_start_minute)
        and (events.end_minute is null or service_days.slot_end_minute <= events.end_minute)
    inner join {{ ref('stg_records__class_memberships') }} as memberships
        on events.class_id = memberships.class_id
        and memberships.valid_from <= service_days.day
        and (memberships.valid_to is null or service_days.day < memberships.valid_to)
),

enrolled as (
    select
        enrolments.enrolment_id,
        enrolments.child_id,
        enrolments.service_id,
        enrolments.structure_id,
        enrolments.category,
        enrolments.valid_from,
        open_days.day,
        open_days.weekday
    from {{ ref('stg_records__enrolments') }} as enrolments
    inner join {{ ref('int_calendar__service_days') }} as open_days
        on enrolments.service_id = open_days.service_id
        and enrolments.structure_id = open_days.structure_id
        and enrolments.valid_from <= open_days.day
        and (enrolments.valid_to is null or open_days.day < enrolments.valid_to)
    left join away
        on enrolments.child_id = away.child_id
        and enrolments.service_id = away.service_id
        and enrolments.structure_id = away.structure_id
        and open_days.day = away.day
    where open_days.is_open and away.day is null
),

-- Where several patterns may speak of one day, and must be ordered.
contested as (
    select
        enrolments.child_id,
        enrolments.service_id,
        patterns.weekday
    from {{ ref('stg_records__enrolments') }} as enrolments
    inner join {{ ref('stg_records__enrolment_patterns') }} as patterns on enrolments.enrolment_id = patterns.enrolment_id
    group by enrolments.child_id, enrolments.service_id, patterns.weekday
    having count(*) > 1
),

pattern_days as (
    select
        enrolled.*,
        patterns.formula_code,
        patterns.start_minute,
        patterns.end_minute,
        patterns.valid_from as pattern_from,
        patterns.week_cycle,
        patterns.enrolment_pattern_id,
        contested.child_id is not null as is_contested
    from enrolled
    inner join {{ ref('stg_records__enrolment_patterns') }} as patterns
        on enrolled.enrolment_id = patterns.enrolment_id
        and {{ pattern_names_day('patterns', 'enrolled') }}
    left join contested
        on enrolled.child_id = contested.child_id
        and enrolled.service_id = contested.service_id
        and enrolled.weekday = contested.weekday
),

-- The enrolment begun last, then the pattern begun last, then the one of one week of the cycle (the order of
-- domain.schedule).
preferred as (
    select
        *,
        row_number() over (
            partition by child_id, service_id, day
            order by
                valid_from desc, enrolment_id desc, pattern_from desc, week_cycle is not null desc,
                enrolment_pattern_id desc
        ) as preference
    from pattern_days
    where is_contested
),

by_pattern as (
    select
        child_id,
        service_id,
        structure_id,
        day,
        enrolment_id,
        category,
        formula_code,
        start_minute,
        end_minute
    from pattern_days
    where not is_contested
    union all
    select
        child_id,
        service_id,
        structure_id,
        day,
        enrolment_id,
        category,
        formula_code,
        start_minute,
        end_minute
    from preferred
    where preference = 1
),

-- An absence does not unplan: it keeps the meal billed unless somebody decides otherwise (domain notes §6). So the
-- last word but absences plans, and the very last word says whether the child is expected.
last_words as (
    select
        child_id,
        service_id,
        day,
        {{ last_by('action', 'seq') }} as last_action,
        max(case when action <> 'absence' then seq end) as planning_seq
    from {{ ref('stg_records__bookings') }}
    where action <> 'wait'
    group by child_id, service_id, day
),

by_booking as (
    select
        last_words.child_id,
        last_words.service_id,
        last_words.day,
        last_words.last_action,
        bookings.structure_id,
        bookings.formula_code,
        bookings.start_minute,
        bookings.end_minute,
        bookings.is_late,
        bookings.received_on,
        bookings.received_minute,
        coalesce(bookings.formula_code is not null or bookings.start_minute is not null, false) as says_when,
        coalesce(bookings.action in ('book', 'accept'), false) as is_booked,
        bookings.action is not null as is_decided
    from last_words
    left join {{ ref('stg_records__bookings') }} as bookings
        on last_words.child_id = bookings.child_id
        and last_words.service_id = bookings.service_id
        and last_words.day = bookings.day
        and last_words.planning_seq = bookings.seq
),

-- Of the days booked alone: most have a pattern, and nothing to put in order.
enrolled_once as (
    select
        enrolled.*,
        row_number() over (
            partition by enrolled.child_id, enrolled.service_id, enrolled.structure_id, enrolled.day
            order by enrolled.valid_from desc, enrolled.enrolment_id desc
        ) as preference
    from enrolled
    inner join by_booking
        on enrolled.child_id = by_booking.child_id
        and enrolled.service_id = by_booking.service_id
        and enrolled.structure_id = by_booking.structure_id
        and enrolled.day = by_booking.day
    where by_booking.is_booked
),

booked as (
    select
        enrolled_once.child_id,
        enrolled_once.service_id,
        enrolled_once.structure_id,
        enrolled_once.day,
        enrolled_once.enrolment_id,
        enrolled_once.category,
        by_booking.last_action,
        by_booking.is_late as is_booked_late,
        'single' as origin,
        by_booking.received_on,
        by_booking.received_minute,
        case when by_booking.says_when then by_booking.start_minute else by_pattern.start_minute end as start_minute,
        case when by_booking.says_when then by_booking.end_minute else by_pattern.end_minute end as end_minute,
        coalesce(by_booking.formula_code, by_pattern.formula_code) as formula_code
    from by_booking
    inner join enrolled_once
        on by_booking.child_id = enrolled_once.child_id
        and by_booking.service_id = enrolled_once.service_id
        and by_booking.structure_id = enrolled_once.structure_id
        and by_booking.day = enrolled_once.day
        and enrolled_once.preference = 1
    left join by_pattern
        on by_booking.child_id = by_pattern.child_id
        and by_booking.service_id = by_pattern.service_id
        and by_booking.day = by_pattern.day
    where by_booking.is_booked
),

undisturbed as (
    select
        by_pattern.child_id,
        by_pattern.service_id,
        by_pattern.structure_id,
        by_pattern.day,
        by_pattern.enrolment_id,
        by_pattern.category,
        by_booking.last_action,
        false as is_booked_late,
        'pattern' as origin,
        cast(null as date) as received_on,
        cast(null as integer) as received_minute,
        by_pattern.start_minute,
        by_pattern.end_minute,
        by_pattern.formula_code
    from by_pattern
    left join by_booking
        on by_pattern.child_id = by_booking.child_id
        and by_pattern.service_id = by_booking.service_id
        and by_pattern.day = by_booking.day
    where not coalesce(by_booking.is_decided, false)
),

planned as (
    select * from booked
    union all
    select * from undisturbed
)

select
    child_id,
    service_id,
    structure_id,
    day,
    enrolment_id,
    category,
    formula_code,
    start_minute as planned_start_minute,
    end_minute as planned_end_minute,
    coalesce(is_booked_late, false) as is_booked_late,
    origin,
    received_on,
    received_minute,
    coalesce(last_action = 'absence', false) as is_absence_declared,
    coalesce(last_action <> 'absence', true) as is_expected
from planned
