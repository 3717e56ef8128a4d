select
    id as month_state_id,
    structure_id,
    {{ raw_date('month') }} as month,
    seq,
    {{ raw_text('state') }} as state
from {{ source('records', 'month_state') }}
