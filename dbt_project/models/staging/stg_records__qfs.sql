select
    id as qf_id,
    family_id,
    {{ raw_bigint('payer_id') }} as payer_id,
    {{ raw_date('effective_from') }} as effective_from,
    recorded_at,
    {{ scaled('value_e2', 2, 10) }} as qf_value,
    {{ raw_text('source') }} as qf_source,
    {{ raw_bigint('replaces_id') }} as replaces_id
from {{ source('records', 'qf') }}
