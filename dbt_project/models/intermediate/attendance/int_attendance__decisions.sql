with decisions as (
    select * from {{ ref('stg_records__attendance_decisions') }}
),

replaced as (
    select distinct replaces_id as attendance_decision_id from decisions
    where replaces_id is not null
),

cleared as (
    select
        child_id,
        service_id,
        day,
        max(seq) as cleared_seq
    from decisions
    where kind = 'clear'
    group by child_id, service_id, day
),

standing as (
    select decisions.*
    from decisions
    left join replaced on decisions.attendance_decision_id = replaced.attendance_decision_id
    left join cleared
        on decisions.child_id = cleared.child_id
        and decisions.service_id = cleared.service_id
        and decisions.day = cleared.day
    where
        replaced.attendance_decision_id is null
        and decisions.kind <> 'clear'
        and decisions.seq > coalesce(cleared.cleared_seq, -1)
)

select
    child_id,
    service_id,
    day,
    {{ last_by('structure_id', 'seq') }} as structure_id,
    {{ last_by("case when kind in ('absent_justified', 'absent_unjustified') then kind end",
               "case when kind in ('absent_justified', 'absent_unjustified') then seq end") }} as absence,
    {{ last_by("case when kind in ('absent_justified', 'absent_unjustified') then recorded_at end",
               "case when kind in ('absent_justified', 'absent_unjustified') then seq end") }} as absence_recorded_at,
    -- The last one stands, even without a reason: the reason of an earlier one is not its own.
    nullif({{ last_by("case when kind in ('absent_justified', 'absent_unjustified') then coalesce(absence_reason_id, 0) end",
                      "case when kind in ('absent_justified', 'absent_unjustified') then seq end") }}, 0)
        as absence_reason_id,
    {{ last_by("case when kind = 'arrival' then occurred_at end",
               "case when kind = 'arrival' then seq end") }} as arrived_at,
    {{ last_by("case when kind = 'arrival' then occurred_minute end",
               "case when kind = 'arrival' then seq end") }} as arrived_minute,
    {{ last_by("case when kind = 'departure' then occurred_at end",
               "case when kind = 'departure' then seq end") }} as left_at,
    {{ last_by("case when kind = 'departure' then occurred_minute end",
               "case when kind = 'departure' then seq end") }} as left_minute,
    coalesce(
        {{ last_by("case when kind in ('late_accepted', 'late_waived') then kind end",
                   "case when kind in ('late_accepted', 'late_waived') then seq end") }} = 'late_accepted',
        false
    ) as is_late_accepted
from standing
group by child_id, service_id, day
