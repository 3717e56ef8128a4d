-- A typed name, or a badge nobody knows, is given to a child by a person; the last decision on a tap stands.
with decisions as (
    select * from {{ ref('stg_records__attendance_decisions') }}
),

last_of_tap as (
    select
        tap_id,
        max(attendance_decision_id) as attendance_decision_id
    from decisions
    where kind = 'attach' and tap_id is not null
    group by tap_id
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
)

select
    decisions.tap_id,
    decisions.child_id,
    decisions.service_id,
    decisions.structure_id,
    decisions.day
from decisions
inner join last_of_tap on decisions.attendance_decision_id = last_of_tap.attendance_decision_id
left join cleared
    on decisions.child_id = cleared.child_id
    and decisions.service_id = cleared.service_id
    and decisions.day = cleared.day
where
    decisions.seq > coalesce(cleared.cleared_seq, -1)
    and decisions.attendance_decision_id not in (
        select replacing.replaces_id from decisions as replacing
        where replacing.replaces_id is not null
    )
