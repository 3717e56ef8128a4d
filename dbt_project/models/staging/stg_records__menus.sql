select
    id as menu_id,
    {{ raw_bigint('structure_id') }} as structure_id,
    {{ raw_date('day') }} as day,
    {{ raw_text('label') }} as label,
    {{ raw_text('dish') }} as dish
from {{ source('records', 'menu') }}
