select
    id as family_id,
    {{ raw_text('ref') }} as family_ref
from {{ source('records', 'family') }}
