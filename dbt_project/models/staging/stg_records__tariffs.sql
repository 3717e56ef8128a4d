select
    id as tariff_id,
    service_id,
    {{ raw_text('label') }} as tariff_label
from {{ source('records', 'tariff') }}
