select
    id as class_id,
    structure_id,
    {{ raw_text('name') }} as class_label
from {{ source('records', 'school_class') }}
