with taps as (
    select
        taps.*,
        devices.device_label,
        case
            when taps.time_confidence = 'doubtful' then 'doubtful_time'
            when devices.revoked_at is not null and taps.occurred_at >= devices.revoked_at then 'revoked_device'
        end as distrust
    from {{ ref('stg_records__taps') }} as taps
    inner join {{ ref('stg_records__devices') }} as devices on taps.device_id = devices.device_id
),

gestures as (
    select * from taps
    where kind <> 'undo'
),

undone as (
    select distinct undoes as tap_id from taps
    where kind = 'undo'
),

badges as (
    select
        assignments.badge_uid,
        assignments.valid_from,
        assignments.valid_to,
        badge_children.child_id
    from {{ ref('stg_records__badge_assignments') }} as assignments
    inner join {{ ref('stg_records__badge_children') }} as badge_children
        on assignments.badge_assignment_id = badge_children.badge_assignment_id
),

own_children as (
    select
        gestures.tap_id,
        badges.child_id
    from gestures
    inner join badges
        on gestures.badge_uid = badges.badge_uid
        and badges.valid_from <= gestures.day
        and (badges.valid_to is null or gestures.day < badges.valid_to)
    union
    select
        gestures.tap_id,
        persons.kept_person_id as child_id
    from gestures
    inner join {{ ref('stg_records__persons') }} as persons on gestures.child_ref = persons.person_ref
    union
    -- What named the child was cut; whom the tap brought was written down then.
    select
        tap_id,
        child_id
    from {{ ref('stg_records__tap_children') }}
),

children as (
    select
        tap_id,
        child_id,
        cast(null as bigint) as service_id,
        cast(null as bigint) as structure_id,
        cast(null as date) as day
    from own_children
    union all
    select attached.*
    from {{ ref('int_attendance__attached_taps') }} as attached
    left join own_children on attached.tap_id = own_children.tap_id
    where own_children.tap_id is null
),

service_days as (
    select * from {{ ref('int_calendar__service_days') }}
),

claimed as (
    select
        gestures.tap_id,
        service_days.service_id
    from gestures
    inner join service_days
        on gestures.service_ref = service_days.service_ref
        and gestures.structure_id = service_days.structure_id
        and gestures.day = service_days.day
),

-- The rule of domain.slots.service_at: the slot that holds the minute, else the nearest within its grace; ties go
-- to the slot that begins later.
near as (
    select
        gestures.tap_id,
        service_days.service_id,
        row_number() over (
            partition by gestures.tap_id
            order by
                {{ slot_distance('gestures.occurred_minute', 'service_days') }},
                service_days.slot_start_minute desc,
                service_days.service_ref
        ) as preference
    from gestures
    inner join service_days
        on gestures.structure_id = service_days.structure_id
        and gestures.day = service_days.day
        and service_days.is_open
    left join claimed on gestures.tap_id = claimed.tap_id
    where
        claimed.tap_id is null
        and {{ slot_distance('gestures.occurred_minute', 'service_days') }} <= service_days.grace_minutes
),

served as (
    select
        tap_id,
        service_id
    from claimed
    union all
    select
        tap_id,
        service_id
    from near
    where preference = 1
),

resolved as (
    select
        gestures.*,
        children.child_id,
        coalesce(children.service_id, served.service_id) as service_id,
        coalesce(children.structure_id, gestures.structure_id) as place_id,
        coalesce(children.day, gestures.day) as service_day,
        undone.tap_id is not null as is_undone
    from gestures
    left join children on gestures.tap_id = children.tap_id
    left join served on gestures.tap_id = served.tap_id
    left join undone on gestures.tap_id = undone.tap_id
)

select
    tap_id,
    child_id,
    service_id,
    place_id as structure_id,
    service_day as day,
    structure_id as device_structure_id,
    device_label,
    epoch,
    seq,
    kind,
    direction,
    occurred_at,
    occurred_minute,
    is_undone,
    badge_uid,
    child_ref,
    typed_name,
    service_ref,
    case
        when distrust is not null then distrust
        when child_id is null and typed_name is not null then 'typed_name'
        when child_id is null and badge_uid is not null then 'unknown_badge'
        when child_id is null then 'unknown_child'
        when service_id is null then 'no_service'
    end as unresolved_reason
from resolved
