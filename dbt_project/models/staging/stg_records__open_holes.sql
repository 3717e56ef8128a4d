select
    hole.device_id,
    device.structure_id,
    {{ raw_text('device.label') }} as device_label,
    {{ raw_text('hole.epoch') }} as epoch,
    hole.first_missing,
    hole.last_missing,
    hole.from_at,
    hole.until_at,
    hole.is_undated = 1 as is_undated
from {{ source('build', 'open_hole') }} as hole
inner join {{ source('records', 'device') }} as device on hole.device_id = device.id
