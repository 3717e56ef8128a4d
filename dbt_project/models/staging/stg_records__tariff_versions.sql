select
    id as tariff_version_id,
    tariff_id,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_text('decision') }} as tariff_decision
from {{ source('records', 'tariff_version') }}
