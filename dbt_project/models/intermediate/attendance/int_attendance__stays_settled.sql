-- What people decided and what the slot implies, over the taps' own stays. Nothing here is ever written as a tap.
-- What comes after the slot is a proposal: billed once a coordinator or director has accepted it (domain notes §6).
with several as (
    select
        child_id,
        service_id,
        day,
        max(stay_no) as last_stay_no
    from {{ ref('int_attendance__stays') }}
    where stay_no > 1
    group by child_id, service_id, day
),

-- On most days there is one stay alone, and no last one to look for.
stays as (
    select
        stays.*,
        coalesce(several.last_stay_no, stays.stay_no) as last_stay_no
    from {{ ref('int_attendance__stays') }} as stays
    left join several
        on stays.child_id = several.child_id
        and stays.service_id = several.service_id
        and stays.day = several.day
),

decisions as (
    select * from {{ ref('int_attendance__decisions') }}
),

-- A decided arrival is the day's first, a decided departure its last; without any tap they make a stay.
corrected as (
    select
        coalesce(stays.child_id, decisions.child_id) as child_id,
        coalesce(stays.service_id, decisions.service_id) as service_id,
        coalesce(stays.day, decisions.day) as day,
        coalesce(stays.structure_id, decisions.structure_id) as structure_id,
        coalesce(stays.stay_no, 1) as stay_no,
        coalesce(stays.last_stay_no, 1) as last_stay_no,
        case when coalesce(stays.stay_no, 1) = 1 then coalesce(decisions.arrived_at, stays.arrived_at) else stays.arrived_at end
            as arrived_at,
        case when coalesce(stays.stay_no, 1) = 1 then coalesce(decisions.arrived_minute, stays.arrived_minute) else stays.arrived_minute end
            as arrived_minute,
        case when stays.stay_no is null or stays.stay_no = stays.last_stay_no then coalesce(decisions.left_at, stays.left_at) else stays.left_at end
            as left_at,
        case when stays.stay_no is null or stays.stay_no = stays.last_stay_no then coalesce(decisions.left_minute, stays.left_minute) else stays.left_minute end
            as left_minute,
        coalesce(decisions.is_late_accepted, false) as is_late_accepted
    from stays
    full outer join decisions
        on stays.child_id = decisions.child_id
        and stays.service_id = decisions.service_id
        and stays.day = decisions.day
    where
        decisions.absence is null
        and (stays.stay_no is not null or decisions.arrived_at is not null or decisions.left_at is not null)
),

with_rules as (
    select
        corrected.*,
        service_days.timezone,
        service_days.slot_start_minute,
        service_days.slot_end_minute,
        service_days.needs_departure,
        service_days.rounding_on,
        service_days.rounding_mode,
        service_days.rounding_minutes,
        service_days.tolerance_minutes,
        service_days.slot_end_at,
        moments.as_of >= service_days.slot_end_at as is_over,
        moments.as_of_minute,
        coalesce(corrected.arrived_minute, service_days.slot_start_minute) as from_minute,
        corrected.arrived_minute is null as is_arrival_derived,
        corrected.left_minute is null
        and service_days.needs_departure
        and moments.as_of >= service_days.slot_end_at as is_departure_derived
    from corrected
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on corrected.service_id = service_days.service_id
        and corrected.structure_id = service_days.structure_id
        and corrected.day = service_days.day
    inner join {{ ref('stg_records__build_moments') }} as moments
        on corrected.structure_id = moments.structure_id
),

-- Where no departure is needed the slot's end is the departure, known from the arrival on.
ended as (
    select
        *,
        case
            when not needs_departure then greatest(slot_end_minute, from_minute)
            when left_minute is not null then greatest(left_minute, from_minute)
            when is_over then greatest(slot_end_minute, from_minute)
            else greatest(as_of_minute, from_minute)
        end as until_minute
    from with_rules
),

-- The ends of a stay on the grid of the unit where the rule rounds them; what is billed is never outside the slot.
on_grid as (
    select
        *,
        left_at is not null and needs_departure as has_left,
        {{ arrival_counted('from_minute', 'ended') }} as grid_from,
        {{ departure_counted('until_minute', 'ended') }} as grid_until,
        greatest({{ arrival_counted('from_minute', 'ended') }}, slot_start_minute) as counted_from,
        case
            when is_late_accepted then {{ departure_counted('until_minute', 'ended') }}
            else least({{ departure_counted('until_minute', 'ended') }}, slot_end_minute)
        end as counted_until,
        least({{ departure_counted('until_minute', 'ended') }}, slot_end_minute) as inside_until
    from ended
),

-- Rounded outwards, a stay may begin before the one before has ended: no minute counts twice.
before as (
    select
        child_id,
        service_id,
        day,
        stay_no,
        {{ ended_before('counted_until', 'counted_from') }} as counted_before,
        {{ ended_before('inside_until', 'counted_from') }} as inside_before,
        {{ ended_before('grid_until', 'grid_from') }} as grid_before
    from on_grid
    where last_stay_no > 1
),

-- An instant that the stay already has, or the slot, is not worked out from its minute.
apart as (
    select
        on_grid.*,
        greatest(counted_from, coalesce(counted_before, counted_from)) as counted_once_from,
        greatest(counted_from, coalesce(inside_before, counted_from)) as inside_once_from,
        greatest(grid_from, coalesce(grid_before, grid_from)) as grid_once_from,
        case when arrived_at is null then from_minute end as unknown_from_minute,
        case when not has_left and until_minute <> slot_end_minute then until_minute end as unknown_until_minute
    from on_grid
    left join before
        on on_grid.child_id = before.child_id
        and on_grid.service_id = before.service_id
        and on_grid.day = before.day
        and on_grid.stay_no = before.stay_no
)

select
    child_id,
    service_id,
    structure_id,
    day,
    stay_no,
    last_stay_no = 1 as is_only_stay,
    coalesce(arrived_at, {{ instant_at('day', 'unknown_from_minute', 'timezone') }}) as arrived_at,
    from_minute as arrived_minute,
    case
        when has_left then left_at
        when is_over and until_minute = slot_end_minute then slot_end_at
        when is_over then {{ instant_at('day', 'unknown_until_minute', 'timezone') }}
    end as left_at,
    case when is_over or (left_minute is not null and needs_departure) then until_minute end as left_minute,
    not is_over and (left_minute is null or not needs_departure) as is_open,
    is_arrival_derived,
    is_departure_derived,
    -- A decided hour on the wrong side of a tap: nobody knows how long the child was there.
    coalesce(needs_departure and apart.left_minute < apart.arrived_minute, false) as is_backwards,
    cast(greatest(0, grid_until - grid_once_from) as integer) as real_minutes,
    cast(
        greatest(
            0,
            case when is_late_accepted then until_minute else least(until_minute, slot_end_minute) end
            - greatest(from_minute, slot_start_minute)
        ) as integer
    ) as billed_minutes,
    cast(greatest(0, counted_until - counted_once_from) as integer) as counted_minutes,
    -- The same inside the slot alone: an accepted lateness that has its own price is not there.
    cast(greatest(0, inside_until - inside_once_from) as integer) as inside_minutes,
    greatest(from_minute, slot_start_minute) as billed_from_minute,
    until_minute as billed_until_minute
from apart
