with located as (
    select
        tap.*,
        device.structure_id,
        structure.timezone
    from {{ source('records', 'tap') }} as tap
    inner join {{ source('records', 'device') }} as device on tap.device_id = device.id
    inner join {{ source('records', 'structure') }} as structure on device.structure_id = structure.id
)

select
    id as tap_no,
    tap_id,
    device_id,
    structure_id,
    epoch,
    seq,
    kind,
    {{ raw_text('badge_uid') }} as badge_uid,
    {{ raw_text('child_ref') }} as child_ref,
    {{ raw_text('typed_name') }} as typed_name,
    {{ raw_text('undoes') }} as undoes,
    {{ raw_text('service_ref') }} as service_ref,
    {{ raw_text('direction') }} as direction,
    occurred_at_corrected as occurred_at,
    {{ local_day('occurred_at_corrected', 'timezone') }} as day,
    {{ local_minute('occurred_at_corrected', 'timezone') }} as occurred_minute,
    time_confidence
from located
