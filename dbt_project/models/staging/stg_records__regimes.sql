select
    id as regime_id,
    family_id,
    {{ raw_date('effective_from') }} as effective_from,
    recorded_at,
    {{ raw_text('caf_group') }} as regime_group
from {{ source('records', 'regime') }}
