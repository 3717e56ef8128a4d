-- The fold of domain.presence, in windows: see its docstring for the rule and docs/adr/0004 for the proof. A window
-- costs what its rows are wide: they run over numbers, and what the taps say is found again at the end.
-- They read the taps each for itself: kept for all of them, ten million would be written once more.
with
-- A child × service × day is looked after in one place: that of its first tap.
days as (
    select
        child_id,
        service_id,
        day,
        min(structure_id) as structure_id,
        max(structure_id) as other_id,
        count(case when not is_undone then 1 end) as tap_count,
        count(*) as all_count,
        count(case when kind = 'badge' then 1 end) as badge_count,
        min(epoch_no) as epoch_no,
        max(epoch_no) as other_epoch_no,
        min(seq) as first_seq,
        max(seq) as last_seq,
        min(occurred_at) as first_at,
        {{ last_by('occurred_at', 'seq') }} as last_at
    from {{ ref('int_attendance__taps_resolved') }}
    where unresolved_reason is null
    group by child_id, service_id, day
),

-- Asked of the few that had several places.
first_places as (
    select
        resolved.child_id,
        resolved.service_id,
        resolved.day,
        {{ first_by('resolved.structure_id', [
            'resolved.is_undone', 'resolved.occurred_at', 'resolved.epoch_no', 'resolved.seq', 'resolved.tap_no'
        ]) }} as structure_id
    from {{ ref('int_attendance__taps_resolved') }} as resolved
    inner join days
        on resolved.child_id = days.child_id
        and resolved.service_id = days.service_id
        and resolved.day = days.day
    where days.structure_id <> days.other_id and resolved.unresolved_reason is null
    group by resolved.child_id, resolved.service_id, resolved.day
),

visited as (
    select
        days.child_id,
        days.service_id,
        days.day,
        coalesce(first_places.structure_id, days.structure_id) as structure_id,
        days.tap_count,
        days.first_seq,
        case
            when
                days.all_count = 2
                and days.tap_count = 2
                and days.badge_count = 2
                and days.epoch_no = days.other_epoch_no
                and days.first_seq < days.last_seq
                and days.first_at < days.last_at
                then days.last_at - days.first_at
        end as micros_apart
    from days
    left join first_places
        on days.child_id = first_places.child_id
        and days.service_id = first_places.service_id
        and days.day = first_places.day
),

visits as (
    select
        visited.child_id,
        visited.service_id,
        visited.day,
        visited.structure_id,
        visited.tap_count,
        visited.first_seq,
        service_days.needs_departure
        and coalesce(visited.micros_apart >= cast(service_days.anti_bounce_seconds as bigint) * 1000000, false) as is_pair,
        cast(service_days.anti_bounce_seconds as bigint) * 1000000 as anti_bounce,
        service_days.needs_departure
    from visited
    left join {{ ref('int_calendar__service_days') }} as service_days
        on visited.service_id = service_days.service_id
        and visited.structure_id = service_days.structure_id
        and visited.day = service_days.day
),

-- Neither a tap alone nor two badges, no repeat and in the order of one terminal, which open a stay and close it.
irregular as (
    select
        child_id,
        service_id,
        day,
        anti_bounce,
        needs_departure
    from visits
    where needs_departure is not null and tap_count > 1 and not is_pair
),

-- Inside an epoch time never goes back, so that `seq` decides there.
timed as (
    select
        resolved.tap_no,
        resolved.child_id,
        resolved.service_id,
        resolved.day,
        resolved.epoch_no,
        resolved.seq,
        irregular.anti_bounce,
        irregular.needs_departure,
        resolved.kind = 'badge' as is_badge,
        coalesce(resolved.direction, '') = 'departure' as says_departure,
        max(resolved.occurred_at) over (
            partition by resolved.child_id, resolved.service_id, resolved.day, resolved.epoch_no
            order by resolved.seq, resolved.tap_no
            rows between unbounded preceding and current row
        ) as ordered_at
    from {{ ref('int_attendance__taps_resolved') }} as resolved
    inner join irregular
        on resolved.child_id = irregular.child_id
        and resolved.service_id = irregular.service_id
        and resolved.day = irregular.day
    where resolved.unresolved_reason is null and not resolved.is_undone
),

ordered as (
    select
        tap_no,
        child_id,
        service_id,
        day,
        needs_departure,
        is_badge,
        says_departure,
        row_number() over (partition by child_id, service_id, day order by ordered_at, epoch_no, seq, tap_no) as position,
        is_badge and ordered_at - coalesce(
            lag(ordered_at) over (partition by child_id, service_id, day order by ordered_at, epoch_no, seq, tap_no),
            ordered_at - anti_bounce
        ) < anti_bounce as is_bounce
    from timed
),

-- A statement fixes the state; a badge turns it over. The state after a tap is the last statement, turned over as
-- many times as badges have come since: as often as since the first tap, then and now.
turned as (
    select
        tap_no,
        child_id,
        service_id,
        day,
        position,
        not is_bounce and is_badge and needs_departure as is_toggle,
        case
            when not is_bounce and not (is_badge and needs_departure) then not (needs_departure and says_departure)
        end as states_inside,
        count(case when not is_bounce and is_badge and needs_departure then 1 end) over (
            partition by child_id, service_id, day
            order by position
            rows between unbounded preceding and current row
        ) % 2 = 1 as is_turned
    from ordered
),

stated as (
    select
        tap_no,
        child_id,
        service_id,
        day,
        position,
        is_toggle,
        is_turned,
        {{ last_known(exclusive_or('states_inside', 'is_turned'), 'child_id, service_id, day', 'position', 'current row') }} as stated,
        {{ last_known(exclusive_or('states_inside', 'is_turned'), 'child_id, service_id, day', 'position', '1 preceding') }}
            as stated_before
    from turned
),

states as (
    select
        tap_no,
        child_id,
        service_id,
        day,
        position,
        {{ exclusive_or('is_turned', 'coalesce(stated, false)') }} as is_inside,
        {{ exclusive_or(exclusive_or('is_turned', 'is_toggle'), 'coalesce(stated_before, false)') }} as was_inside
    from stated
),

effects as (
    select
        tap_no,
        child_id,
        service_id,
        day,
        position,
        case
            when is_inside and not was_inside then 'arrival'
            when was_inside and not is_inside then 'departure'
            -- A departure stated first of all: a stay whose arrival is not known.
            when position = 1 then 'departure'
            else 'repeat'
        end as effect
    from states
),

numbered as (
    select
        tap_no,
        child_id,
        service_id,
        day,
        effect,
        cast(
            count(case when effect = 'arrival' or (effect = 'departure' and position = 1) then 1 end) over (
                partition by child_id, service_id, day
                order by position
                rows between unbounded preceding and current row
            ) as integer
        ) as stay_no
    from effects
)

-- A tap alone opens the stay, unless a departure is stated: a stay whose arrival is not known.
select
    resolved.tap_no,
    resolved.child_id,
    resolved.service_id,
    visits.structure_id,
    resolved.day,
    resolved.kind,
    resolved.occurred_at,
    resolved.occurred_minute,
    resolved.device_id,
    case
        when resolved.is_undone then 'undone'
        when visits.is_pair and resolved.seq > visits.first_seq then 'departure'
        when visits.is_pair then 'arrival'
        when visits.tap_count > 1 then numbered.effect
        when visits.needs_departure and resolved.kind <> 'badge' and coalesce(resolved.direction, '') = 'departure'
            then 'departure'
        else 'arrival'
    end as effect,
    case
        when resolved.is_undone then null
        when visits.is_pair or visits.tap_count = 1 then 1
        else numbered.stay_no
    end as stay_no
from {{ ref('int_attendance__taps_resolved') }} as resolved
inner join visits
    on resolved.child_id = visits.child_id
    and resolved.service_id = visits.service_id
    and resolved.day = visits.day
left join numbered
    on resolved.tap_no = numbered.tap_no
    and resolved.child_id = numbered.child_id
    and resolved.service_id = numbered.service_id
    and resolved.day = numbered.day
where resolved.unresolved_reason is null and (resolved.is_undone or visits.needs_departure is not null)
