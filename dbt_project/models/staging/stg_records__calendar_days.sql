select
    id as calendar_day_id,
    {{ raw_text('zone') }} as zone,
    {{ raw_bigint('structure_id') }} as structure_id,
    {{ raw_date('day') }} as day,
    {{ raw_text('kind') }} as kind
from {{ source('records', 'calendar_day') }}
