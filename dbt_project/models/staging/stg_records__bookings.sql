select
    id as booking_id,
    person_id as child_id,
    service_id,
    structure_id,
    {{ raw_date('day') }} as day,
    cast(seq as integer) as seq,
    {{ raw_text('action') }} as action,
    {{ raw_text('formula') }} as formula_code
from {{ source('records', 'booking') }}
