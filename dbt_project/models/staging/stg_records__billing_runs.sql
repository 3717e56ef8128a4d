select
    id as run_id,
    {{ raw_date('month') }} as month,
    {{ raw_text('state') }} as state
from {{ source('records', 'billing_run') }}
