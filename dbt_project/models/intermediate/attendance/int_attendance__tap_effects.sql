-- The fold of domain.presence, in windows: see its docstring for the rule and docs/adr/0004 for the proof.
with taps as (
    select
        *,
        -- A child × service × day is looked after in one place: that of its first tap.
        first_value(structure_id) over (
            partition by child_id, service_id, day
            order by is_undone, occurred_at, epoch, seq, tap_id
            rows between unbounded preceding and unbounded following
        ) as place_id
    from {{ ref('int_attendance__taps_resolved') }}
    where unresolved_reason is null
),

-- Inside an epoch time never goes back, so that `seq` decides there.
timed as (
    select
        taps.*,
        service_days.anti_bounce_seconds,
        service_days.needs_departure,
        max(taps.occurred_at) over (
            partition by taps.child_id, taps.service_id, taps.day, taps.epoch
            order by taps.seq, taps.tap_id
            rows between unbounded preceding and current row
        ) as ordered_at
    from taps
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on taps.service_id = service_days.service_id
        and taps.place_id = service_days.structure_id
        and taps.day = service_days.day
    where not taps.is_undone
),

ordered as (
    select
        *,
        row_number() over (
            partition by child_id, service_id, day order by ordered_at, epoch, seq, tap_id
        ) as position
    from timed
),

bounced as (
    select
        *,
        coalesce(
            kind = 'badge'
            and ordered_at - lag(ordered_at) over (partition by child_id, service_id, day order by position)
            < cast(anti_bounce_seconds as bigint) * 1000000,
            false
        ) as is_bounce
    from ordered
),

-- A statement fixes the state; a badge turns it over. The state after a tap is the last statement, turned over as
-- many times as badges have come since.
told as (
    select
        *,
        not is_bounce and (kind = 'roll_call' or not needs_departure) as is_statement,
        not is_bounce and kind = 'badge' and needs_departure as is_toggle
    from bounced
),

grouped as (
    select
        *,
        count(case when is_statement then 1 end) over (
            partition by child_id, service_id, day
            order by position
            rows between unbounded preceding and current row
        ) as statement_no
    from told
),

stated as (
    select
        *,
        {{ exclusive_or(
            "coalesce(max(case when is_statement then not needs_departure or coalesce(direction, '') <> 'departure' end)"
            " over (partition by child_id, service_id, day, statement_no), false)",
            "count(case when is_toggle then 1 end) over ("
            "partition by child_id, service_id, day, statement_no order by position"
            " rows between unbounded preceding and current row) % 2 = 1"
        ) }} as is_inside
    from grouped
),

turned as (
    select
        *,
        coalesce(lag(is_inside) over (partition by child_id, service_id, day order by position), false) as was_inside
    from stated
),

effects as (
    select
        *,
        case
            when is_inside and not was_inside then 'arrival'
            when was_inside and not is_inside then 'departure'
            -- A departure stated first of all: a stay whose arrival is not known.
            when position = 1 then 'departure'
            else 'repeat'
        end as effect
    from turned
),

numbered as (
    select
        *,
        cast(
            count(case when effect = 'arrival' or (effect = 'departure' and position = 1) then 1 end) over (
                partition by child_id, service_id, day
                order by position
                rows between unbounded preceding and current row
            ) as integer
        ) as stay_no
    from effects
)

select
    tap_id,
    child_id,
    service_id,
    place_id as structure_id,
    day,
    position,
    kind,
    occurred_at,
    occurred_minute,
    device_label,
    effect,
    stay_no
from numbered
union all
select
    tap_id,
    child_id,
    service_id,
    place_id as structure_id,
    day,
    cast(null as bigint) as position,
    kind,
    occurred_at,
    occurred_minute,
    device_label,
    'undone' as effect,
    cast(null as integer) as stay_no
from taps
where is_undone
