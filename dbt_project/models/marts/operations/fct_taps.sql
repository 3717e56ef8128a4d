-- What each tap did, told once: lines and stays name their child, service and day.
select
    effects.child_id,
    effects.service_id,
    effects.day,
    coalesce(effects.stay_no, 1) as stay_no,
    effects.tap_no,
    effects.effect as what,
    effects.occurred_at,
    effects.occurred_minute,
    effects.kind,
    devices.device_label
from {{ ref('int_attendance__tap_effects') }} as effects
inner join {{ ref('stg_records__devices') }} as devices on effects.device_id = devices.device_id
