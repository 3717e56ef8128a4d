select
    id as meal_order_id,
    structure_id,
    service_id,
    {{ raw_date('day') }} as day,
    {{ raw_text('diet_code') }} as diet_code,
    {{ raw_text('horizon') }} as horizon,
    seq,
    cast(quantity as integer) as quantity
from {{ source('records', 'meal_order') }}
