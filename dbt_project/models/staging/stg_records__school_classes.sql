select
    id as class_id,
    structure_id,
    {{ raw_text('name') }} as class_label,
    {{ raw_text('level') }} as school_level
from {{ source('records', 'school_class') }}
