select
    id as device_id,
    {{ raw_text('label') }} as device_label,
    structure_id,
    {{ raw_bigint('revoked_at') }} as revoked_at
from {{ source('records', 'device') }}
