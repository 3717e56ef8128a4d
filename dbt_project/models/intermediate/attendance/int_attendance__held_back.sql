-- What waits because taps are missing (docs/adr/0011): only the children whose arrival or departure may be among
-- them, and only what would change with it. A complete stay, a decided time or absence waits for nothing. Taps that
-- are here but nobody knows when they were made hold back their own children alone.
with open_holes as (
    select * from {{ ref('stg_records__open_holes') }}
),

service_days as (
    select * from {{ ref('int_calendar__service_days') }}
    where is_open
),

-- Around a slot its grace counts too: families come late. Not for a silence: terminals are switched off at the end.
touched as (
    select
        service_days.service_id,
        service_days.structure_id,
        service_days.day,
        min(case when open_holes.epoch is null then 'silent_terminal' else 'hole' end) as reason,
        -- The terminal that the reason speaks of: a hole goes before a silence.
        coalesce(
            min(case when open_holes.epoch is not null then open_holes.device_label end),
            min(open_holes.device_label)
        ) as device_label
    from open_holes
    inner join service_days
        on open_holes.structure_id = service_days.structure_id
        and open_holes.from_at
        < service_days.slot_end_at
        + case when open_holes.epoch is null then 0 else service_days.grace_minutes * cast(60000000 as bigint) end
        and service_days.slot_start_at
        - case when open_holes.epoch is null then 0 else service_days.grace_minutes * cast(60000000 as bigint) end
        < open_holes.until_at
    where not open_holes.is_undated
    group by service_days.service_id, service_days.structure_id, service_days.day
),

undated as (
    select
        taps.child_id,
        service_days.service_id,
        service_days.structure_id,
        service_days.day,
        min(open_holes.device_label) as device_label
    from open_holes
    inner join {{ ref('int_attendance__taps_waiting') }} as taps
        on open_holes.structure_id = taps.device_structure_id
        and open_holes.first_missing <= taps.seq
        and taps.seq <= open_holes.last_missing
        and taps.unresolved_reason = 'doubtful_time'
        and not taps.is_undone
    inner join {{ ref('stg_records__taps') }} as sent on taps.tap_no = sent.tap_no and open_holes.epoch = sent.epoch
    inner join service_days
        on open_holes.structure_id = service_days.structure_id
        and open_holes.from_at
        < service_days.slot_end_at + service_days.grace_minutes * cast(60000000 as bigint)
        and service_days.slot_start_at - service_days.grace_minutes * cast(60000000 as bigint) <= open_holes.until_at
    where open_holes.is_undated
    group by taps.child_id, service_days.service_id, service_days.structure_id, service_days.day
),

-- A badge turns « there » into « gone »: behind a missing one an arrival may have been the departure, so that an
-- open stay waits wherever in the slot the hole is.
incomplete as (
    select
        decided.child_id,
        decided.service_id,
        decided.day,
        decided.structure_id,
        not decided.is_present as is_presence_unknown,
        decided.is_formula_derived,
        coalesce(touched.reason, 'undated') as reason,
        coalesce(touched.device_label, undated.device_label) as device_label
    from {{ ref('int_attendance__decided') }} as decided
    left join touched
        on decided.service_id = touched.service_id
        and decided.structure_id = touched.structure_id
        and decided.day = touched.day
    left join undated
        on decided.child_id = undated.child_id
        and decided.service_id = undated.service_id
        and decided.structure_id = undated.structure_id
        and decided.day = undated.day
    where
        coalesce(touched.day, undated.day) is not null
        and (
            decided.situation = 'absent_undecided'
            or (
                decided.is_present
                and decided.is_over
                and (decided.is_departure_derived or decided.is_arrival_derived)
            )
        )
),

resting as (
    select
        incomplete.*,
        service_days.is_priced
        and case
            -- Care is billed by its minutes, of the stay or else of the plan.
            when service_days.service_kind not in ('canteen', 'leisure_wednesday') then true
            when incomplete.is_presence_unknown
                then service_days.bill_basis = 'presence' or service_days.undecided_default <> 'billed'
            else incomplete.is_formula_derived
        end as holds_line,
        service_days.caf_kind <> 'none'
        and case
            when incomplete.is_presence_unknown then service_days.caf_hour_rule <> 'none'
            when service_days.caf_hour_rule = 'real' then true
            else service_days.caf_hour_rule = 'formula_capped' and incomplete.is_formula_derived
        end as holds_hours,
        service_days.serves_meal and incomplete.is_presence_unknown as holds_meal
    from incomplete
    inner join service_days
        on incomplete.service_id = service_days.service_id
        and incomplete.structure_id = service_days.structure_id
        and incomplete.day = service_days.day
)

select
    child_id,
    service_id,
    day,
    structure_id,
    reason,
    device_label,
    is_presence_unknown,
    holds_line,
    holds_hours,
    holds_meal
from resting
where holds_line or holds_hours or holds_meal
