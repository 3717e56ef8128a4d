-- The few taps that count for no child yet: all the others need not stay in memory for them.
select
    tap_no,
    child_id,
    device_id,
    device_structure_id,
    day,
    seq,
    kind,
    occurred_at,
    occurred_minute,
    is_undone,
    unresolved_reason
from {{ ref('int_attendance__taps_resolved') }}
where unresolved_reason is not null
