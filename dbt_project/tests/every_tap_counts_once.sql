-- A tap that is not an undo either counts for a child or waits in the worklist, or was taken back: none is lost.
with accounted as (
    select tap_no from {{ ref('int_attendance__tap_effects') }}
    union
    select tap_no from {{ ref('int_attendance__taps_resolved') }}
    where unresolved_reason is not null
)

select taps.tap_no
from {{ ref('stg_records__taps') }} as taps
left join accounted on taps.tap_no = accounted.tap_no
where taps.kind <> 'undo' and accounted.tap_no is null
