with offered as (
    select
        service_places.service_id,
        structure_days.*
    from {{ ref('stg_records__service_places') }} as service_places
    inner join {{ ref('int_calendar__structure_days') }} as structure_days
        on service_places.structure_id = structure_days.structure_id
        and service_places.valid_from <= structure_days.day
        and (service_places.valid_to is null or structure_days.day < service_places.valid_to)
),

-- The place's own rule holds before the general one, then the latest that has begun.
ranked as (
    select
        offered.*,
        rules.service_rule_id,
        rules.period,
        rules.weekday_mask,
        rules.slot_start_minute,
        rules.slot_end_minute,
        rules.grace_minutes,
        rules.anti_bounce_seconds,
        rules.needs_departure,
        rules.rounding_minutes,
        rules.rounding_on,
        rules.rounding_mode,
        rules.tolerance_minutes,
        rules.bill_basis,
        rules.undecided_default,
        rules.qf_rule,
        rules.caf_hour_rule,
        rules.serves_meal,
        rules.is_priced,
        row_number() over (
            partition by offered.service_id, offered.structure_id, offered.day
            order by rules.structure_id is not null desc, rules.valid_from desc, rules.service_rule_id desc
        ) as preference
    from offered
    inner join {{ ref('stg_records__service_rules') }} as rules
        on offered.service_id = rules.service_id
        and (rules.structure_id is null or rules.structure_id = offered.structure_id)
        and rules.valid_from <= offered.day
),

-- A closure or a strike for everybody shuts the services whose whole slot it covers (domain.schedule.Event.covers).
shut_by_event as (
    select distinct
        ranked.service_id,
        ranked.structure_id,
        ranked.day
    from ranked
    inner join {{ ref('stg_records__calendar_events') }} as events
        on ranked.day >= events.starts_on
        and ranked.day < events.ends_on
        and (events.structure_id is null or events.structure_id = ranked.structure_id)
        and (events.service_id is null or events.service_id = ranked.service_id)
        and (events.start_minute is null or events.start_minute <= ranked.slot_start_minute)
        and (events.end_minute is null or ranked.slot_end_minute <= events.end_minute)
    where ranked.preference = 1 and events.class_id is null and events.kind not in ('outing', 'strike_served')
)

select
    ranked.service_id,
    ranked.structure_id,
    ranked.day,
    ranked.weekday,
    case
        when ranked.weekday >= 5 then 'weekend'
        when ranked.is_school_holiday or ranked.is_bridge then 'holiday'
        when ranked.weekday = 2 then 'wednesday'
        else 'school_day'
    end as day_kind,
    ranked.timezone,
    ranked.service_rule_id,
    services.service_ref,
    services.service_kind,
    services.caf_kind,
    {{ has_weekday('ranked.weekday_mask', 'ranked.weekday') }}
    and not ranked.is_shut
    and shut_by_event.day is null
    and case ranked.period
        when 'school' then ranked.is_school_day
        when 'holiday' then ranked.is_school_holiday
        else true
    end as is_open,
    {{ has_weekday('ranked.weekday_mask', 'ranked.weekday') }}
    and not ranked.is_shut
    and shut_by_event.day is not null
    and case ranked.period
        when 'school' then ranked.is_school_day
        when 'holiday' then ranked.is_school_holiday
        else true
    end as is_shut_by_event,
    ranked.slot_start_minute,
    ranked.slot_end_minute,
    ranked.grace_minutes,
    ranked.anti_bounce_seconds,
    ranked.needs_departure,
    ranked.rounding_minutes,
    ranked.rounding_on,
    ranked.rounding_mode,
    ranked.tolerance_minutes,
    ranked.bill_basis,
    ranked.undecided_default,
    ranked.qf_rule,
    ranked.caf_hour_rule,
    ranked.serves_meal,
    ranked.is_priced,
    {{ instant_at('ranked.day', 'ranked.slot_start_minute', 'ranked.timezone') }} as slot_start_at,
    {{ instant_at('ranked.day', 'ranked.slot_end_minute', 'ranked.timezone') }} as slot_end_at
from ranked
inner join {{ ref('stg_records__services') }} as services on ranked.service_id = services.service_id
left join shut_by_event
    on ranked.service_id = shut_by_event.service_id
    and ranked.structure_id = shut_by_event.structure_id
    and ranked.day = shut_by_event.day
where ranked.preference = 1
