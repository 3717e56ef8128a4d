select
    id as sejour_id,
    {{ raw_text('label') }} as sejour_label,
    {{ raw_date('starts_on') }} as starts_on,
    {{ raw_date('ends_on') }} as ends_on,
    {{ raw_bigint('tariff_id') }} as tariff_id,
    cancelled_on <> '' as is_cancelled
from {{ source('records', 'sejour') }}
