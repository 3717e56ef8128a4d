-- A tap that is not an undo either counts for a child or waits in the worklist, or was taken back: none is lost.
with accounted as (
    select tap_id from {{ ref('int_attendance__tap_effects') }}
    union
    select tap_id from {{ ref('int_attendance__taps_resolved') }}
    where unresolved_reason is not null
)

select taps.tap_id
from {{ ref('stg_records__taps') }} as taps
left join accounted on taps.tap_id = accounted.tap_id
where taps.kind <> 'undo' and accounted.tap_id is null
