select
    id as service_place_id,
    service_id,
    structure_id,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'service_place') }}
