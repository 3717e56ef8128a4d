-- A typed name, or a badge nobody knows, is given to a child by a person; of a tap's attachments the last that
-- stands counts.
with decisions as (
    select * from {{ ref('stg_records__attendance_decisions') }}
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
    select
        decisions.*,
        row_number() over (
            partition by decisions.tap_id order by decisions.attendance_decision_id desc
        ) as preference
    from decisions
    left join cleared
        on decisions.child_id = cleared.child_id
        and decisions.service_id = cleared.service_id
        and decisions.day = cleared.day
    where
        decisions.kind = 'attach'
        and decisions.tap_id is not null
        and decisions.seq > coalesce(cleared.cleared_seq, -1)
        and decisions.attendance_decision_id not in (
            select replacing.replaces_id from decisions as replacing
            where replacing.replaces_id is not null
        )
)

select
    tap_id,
    child_id,
    service_id,
    structure_id,
    day
from standing
where preference = 1
