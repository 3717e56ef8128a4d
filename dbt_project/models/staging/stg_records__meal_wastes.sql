select
    id as meal_waste_id,
    structure_id,
    service_id,
    {{ raw_date('day') }} as day,
    {{ raw_text('kind') }} as kind,
    seq,
    cast(grams as integer) as grams
from {{ source('records', 'meal_waste') }}
