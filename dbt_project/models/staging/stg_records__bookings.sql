select
    id as booking_id,
    person_id as child_id,
    service_id,
    structure_id,
    {{ raw_date('day') }} as day,
    cast(seq as integer) as seq,
    {{ raw_text('action') }} as action,
    {{ raw_text('formula') }} as formula_code,
    {{ raw_integer('start_minute') }} as start_minute,
    {{ raw_integer('end_minute') }} as end_minute
from {{ source('records', 'booking') }}
