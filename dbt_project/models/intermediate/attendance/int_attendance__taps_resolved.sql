-- What a tap carries through the joins is narrow: its texts are asked once, in the first, and are numbers after it.
with undone as (
    select distinct undoes as tap_id
    from {{ ref('stg_records__taps') }}
    where kind = 'undo'
),

-- Numbered in the order of their names, which texts would slow down.
epochs as (
    select
        epoch,
        row_number() over (order by epoch) as epoch_no
    from (select distinct epoch from {{ ref('stg_records__taps') }} where kind <> 'undo') as epochs
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

-- Most badges were ever one child's: whom they name needs no search.
sole_badges as (
    select
        badge_uid,
        min(valid_from) as valid_from,
        min(valid_to) as valid_to,
        min(child_id) as child_id
    from badges
    group by badge_uid
    having count(*) = 1
),

-- What named the child was cut; whom the tap brought was written down then.
written_down as (
    select
        taps.tap_no,
        tap_children.child_id
    from {{ ref('stg_records__tap_children') }} as tap_children
    inner join {{ ref('stg_records__taps') }} as taps on tap_children.tap_id = taps.tap_id
),

gestures as (
    select
        taps.tap_no,
        taps.device_id,
        taps.structure_id,
        taps.day,
        epochs.epoch_no,
        taps.seq,
        taps.kind,
        taps.direction,
        taps.occurred_at,
        taps.occurred_minute,
        taps.badge_uid,
        taps.child_ref,
        taps.typed_name,
        taps.service_ref,
        undone.tap_id is not null as is_undone,
        case
            when taps.time_confidence = 'doubtful' then 'doubtful_time'
            when devices.revoked_at is not null and taps.occurred_at >= devices.revoked_at then 'revoked_device'
        end as distrust,
        case when taps.child_ref is null and written.tap_no is null then sole_badges.child_id end as sole_child_id
    from {{ ref('stg_records__taps') }} as taps
    inner join {{ ref('stg_records__devices') }} as devices on taps.device_id = devices.device_id
    inner join epochs on taps.epoch = epochs.epoch
    left join undone on taps.tap_id = undone.tap_id
    left join (select distinct tap_no from written_down) as written on taps.tap_no = written.tap_no
    left join sole_badges
        on taps.badge_uid = sole_badges.badge_uid
        and sole_badges.valid_from <= taps.day
        and (sole_badges.valid_to is null or taps.day < sole_badges.valid_to)
    where taps.kind <> 'undo'
),

searched as (
    select
        tap_no,
        day,
        badge_uid,
        child_ref
    from gestures
    where sole_child_id is null
),

own_children as (
    select
        searched.tap_no,
        badges.child_id
    from searched
    inner join badges
        on searched.badge_uid = badges.badge_uid
        and badges.valid_from <= searched.day
        and (badges.valid_to is null or searched.day < badges.valid_to)
    union
    select
        searched.tap_no,
        persons.kept_person_id as child_id
    from searched
    inner join {{ ref('stg_records__persons') }} as persons on searched.child_ref = persons.person_ref
    union
    select
        searched.tap_no,
        written_down.child_id
    from searched
    inner join written_down on searched.tap_no = written_down.tap_no
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
        searched.tap_no,
        attached.child_id,
        attached.service_id,
        attached.structure_id,
        attached.day
    from {{ ref('int_attendance__attached_taps') }} as attached
    inner join {{ ref('stg_records__taps') }} as taps on attached.tap_id = taps.tap_id
    inner join searched on taps.tap_no = searched.tap_no
    left join own_children on searched.tap_no = own_children.tap_no
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
        coalesce(gestures.sole_child_id, children.child_id) as child_id,
        coalesce(children.service_id, claimed.service_id, near.service_id) as service_id,
        coalesce(children.structure_id, gestures.structure_id) as place_id,
        coalesce(children.day, gestures.day) as service_day
    from gestures
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
