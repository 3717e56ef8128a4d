with taps as (
    select
        taps.tap_no,
        taps.tap_id,
        taps.device_id,
        taps.structure_id,
        taps.day,
        taps.epoch,
        taps.seq,
        taps.kind,
        taps.direction,
        taps.occurred_at,
        taps.occurred_minute,
        taps.badge_uid,
        taps.child_ref,
        taps.typed_name,
        taps.undoes,
        taps.service_ref,
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

-- Numbered in the order of their names, which texts would slow down.
epochs as (
    select
        epoch,
        row_number() over (order by epoch) as epoch_no
    from (select distinct epoch from gestures) as epochs
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
        gestures.tap_no,
        badges.child_id
    from gestures
    inner join badges
        on gestures.badge_uid = badges.badge_uid
        and badges.valid_from <= gestures.day
        and (badges.valid_to is null or gestures.day < badges.valid_to)
    union
    select
        gestures.tap_no,
        persons.kept_person_id as child_id
    from gestures
    inner join {{ ref('stg_records__persons') }} as persons on gestures.child_ref = persons.person_ref
    union
    -- What named the child was cut; whom the tap brought was written down then.
    select
        gestures.tap_no,
        tap_children.child_id
    from gestures
    inner join {{ ref('stg_records__tap_children') }} as tap_children on gestures.tap_id = tap_children.tap_id
),

children as (
    select
        tap_no,
        child_id,
        cast(null as bigint) as service_id,
        cast(null as bigint) as structure_id,
        cast(null as date) as day
    from own_children
    union all
    select
        gestures.tap_no,
        attached.child_id,
        attached.service_id,
        attached.structure_id,
        attached.day
    from {{ ref('int_attendance__attached_taps') }} as attached
    inner join gestures on attached.tap_id = gestures.tap_id
    left join own_children on gestures.tap_no = own_children.tap_no
    where own_children.tap_no is null
),

service_days as (
    select * from {{ ref('int_calendar__service_days') }}
),

-- Hundreds tap in the minutes of a slot: its service is found once for each minute of a place.
minutes as (
    select distinct
        structure_id,
        day,
        occurred_minute
    from gestures
),

-- The rule of domain.slots.service_at: the slot that holds the minute, else the nearest within its grace; ties go
-- to the slot that begins later.
near as (
    select
        minutes.structure_id,
        minutes.day,
        minutes.occurred_minute,
        service_days.service_id,
        row_number() over (
            partition by minutes.structure_id, minutes.day, minutes.occurred_minute
            order by
                {{ slot_distance('minutes.occurred_minute', 'service_days') }},
                service_days.slot_start_minute desc,
                service_days.service_ref
        ) as preference
    from minutes
    inner join service_days
        on minutes.structure_id = service_days.structure_id
        and minutes.day = service_days.day
        and service_days.is_open
    where {{ slot_distance('minutes.occurred_minute', 'service_days') }} <= service_days.grace_minutes
),

resolved as (
    select
        gestures.*,
        epochs.epoch_no,
        children.child_id,
        coalesce(children.service_id, claimed.service_id, near.service_id) as service_id,
        coalesce(children.structure_id, gestures.structure_id) as place_id,
        coalesce(children.day, gestures.day) as service_day,
        undone.tap_id is not null as is_undone
    from gestures
    inner join epochs on gestures.epoch = epochs.epoch
    left join children on gestures.tap_no = children.tap_no
    left join service_days as claimed
        on gestures.service_ref = claimed.service_ref
        and gestures.structure_id = claimed.structure_id
        and gestures.day = claimed.day
    left join near
        on gestures.structure_id = near.structure_id
        and gestures.day = near.day
        and gestures.occurred_minute = near.occurred_minute
        and near.preference = 1
    left join undone on gestures.tap_id = undone.tap_id
)

select
    tap_no,
    child_id,
    service_id,
    place_id as structure_id,
    service_day as day,
    structure_id as device_structure_id,
    device_id,
    epoch_no,
    seq,
    kind,
    direction,
    occurred_at,
    occurred_minute,
    is_undone,
    case
        when distrust is not null then distrust
        when child_id is null and typed_name is not null then 'typed_name'
        when child_id is null and badge_uid is not null then 'unknown_badge'
        when child_id is null then 'unknown_child'
        when service_id is null then 'no_service'
    end as unresolved_reason
from resolved
