select
    id as structure_id,
    {{ raw_text('ref') }} as structure_ref,
    {{ raw_text('name') }} as structure_label,
    {{ raw_text('kind') }} as structure_kind,
    {{ raw_text('timezone') }} as timezone
from {{ source('records', 'structure') }}
