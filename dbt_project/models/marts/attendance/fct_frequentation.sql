-- A class begun later ends the earlier one: no child counts in two.
with memberships as (
    select
        memberships.person_id,
        memberships.class_id,
        memberships.valid_from,
        memberships.valid_to,
        lead(memberships.valid_from) over (
            partition by memberships.person_id order by memberships.valid_from, memberships.class_membership_id
        ) as next_from
    from {{ ref('stg_records__class_memberships') }} as memberships
),

late as (
    select
        stays.child_id,
        stays.service_id,
        stays.day
    from {{ ref('int_attendance__stays_settled') }} as stays
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on stays.service_id = service_days.service_id
        and stays.structure_id = service_days.structure_id
        and stays.day = service_days.day
    where
        service_days.needs_departure
        and not stays.is_departure_derived
        and stays.left_minute - service_days.slot_end_minute > greatest(0, service_days.tolerance_minutes)
    group by stays.child_id, stays.service_id, stays.day
),

-- Whether somebody came is not known while taps are missing: neither present nor absent.
unknown as (
    select
        child_id,
        service_id,
        day
    from {{ ref('int_attendance__held_back') }}
    where is_presence_unknown
),

-- Adults fill no place of a child: they are told apart, and in no other column.
visits as (
    select
        decided.structure_id,
        decided.service_id,
        decided.day,
        decided.child_id,
        children.child_id is not null and decided.is_planned as is_planned,
        case when children.child_id is not null then decided.situation end as situation,
        children.child_id is null and decided.is_present as is_adult
    from {{ ref('int_attendance__decided') }} as decided
    left join {{ ref('int_attendance__children') }} as children on decided.child_id = children.child_id
),

counted as (
    select
        decided.structure_id,
        decided.service_id,
        decided.day,
        coalesce(classes.class_label, '') as class_label,
        sum(case when decided.is_planned then 1 else 0 end) as booked,
        sum(case when decided.situation = 'present' then 1 else 0 end) as present,
        sum(case when decided.situation = 'present_unexpected' then 1 else 0 end) as unexpected,
        sum(case when decided.situation = 'absent_unjustified' then 1 else 0 end) as absent_unjustified,
        sum(case when decided.situation = 'absent_justified' then 1 else 0 end) as absent_justified,
        sum(case when decided.situation = 'absent_declared' then 1 else 0 end) as absent_declared,
        sum(case when decided.situation = 'absent_undecided' and unknown.day is null then 1 else 0 end) as undecided,
        sum(case when decided.situation is not null and unknown.day is not null then 1 else 0 end) as unknown,
        sum(case when decided.situation = 'planned' then 1 else 0 end) as to_come,
        sum(case when decided.situation is not null and late.day is not null then 1 else 0 end) as late_pickups,
        sum(case when decided.is_adult then 1 else 0 end) as adults
    from visits as decided
    left join memberships
        on decided.child_id = memberships.person_id
        and memberships.valid_from <= decided.day
        and (memberships.valid_to is null or decided.day < memberships.valid_to)
        and (memberships.next_from is null or decided.day < memberships.next_from)
    left join {{ ref('stg_records__school_classes') }} as classes on memberships.class_id = classes.class_id
    left join late
        on decided.child_id = late.child_id and decided.service_id = late.service_id and decided.day = late.day
    left join unknown
        on decided.child_id = unknown.child_id
        and decided.service_id = unknown.service_id
        and decided.day = unknown.day
    group by decided.structure_id, decided.service_id, decided.day, coalesce(classes.class_label, '')
)

select
    structures.structure_ref,
    structures.structure_label,
    services.service_ref,
    services.service_label,
    services.service_kind,
    counted.class_label,
    counted.day,
    cast(service_days.weekday as integer) as weekday,
    service_days.day_kind as period,
    cast(counted.booked as integer) as booked,
    cast(counted.present as integer) as present,
    cast(counted.unexpected as integer) as unexpected,
    cast(counted.absent_unjustified as integer) as absent_unjustified,
    cast(counted.absent_justified as integer) as absent_justified,
    cast(counted.absent_declared as integer) as absent_declared,
    cast(counted.undecided as integer) as undecided,
    cast(counted.unknown as integer) as unknown,
    cast(counted.to_come as integer) as to_come,
    cast(counted.late_pickups as integer) as late_pickups,
    cast(counted.adults as integer) as adults,
    places.places
from counted
inner join {{ ref('int_calendar__service_days') }} as service_days
    on counted.structure_id = service_days.structure_id
    and counted.service_id = service_days.service_id
    and counted.day = service_days.day
inner join {{ ref('stg_records__services') }} as services on counted.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on counted.structure_id = structures.structure_id
left join {{ ref('int_calendar__places') }} as places
    on counted.structure_id = places.structure_id
    and counted.service_id = places.service_id
    and counted.day = places.day
