select
    id as absence_reason_id,
    {{ raw_text('label') }} as reason_label,
    {{ raw_integer('deducts_after_days') }} as deducts_after_days,
    {{ raw_text('deducts_after_unit') }} as deducts_after_unit
from {{ source('records', 'absence_reason') }}
