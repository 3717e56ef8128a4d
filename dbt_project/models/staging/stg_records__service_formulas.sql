select
    id as service_formula_id,
    service_id,
    {{ raw_text('code') }} as formula_code,
    {{ raw_text('label') }} as formula_label,
    cast(start_minute as integer) as start_minute,
    cast(end_minute as integer) as end_minute,
    cast(half_days as integer) as half_days,
    {{ raw_boolean('with_meal') }} as with_meal
from {{ source('records', 'service_formula') }}
