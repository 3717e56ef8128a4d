select
    id as body_id,
    {{ raw_text('ref') }} as body_ref,
    {{ raw_text('name') }} as body_name,
    {{ raw_text('kind') }} as body_kind
from {{ source('records', 'paying_body') }}
