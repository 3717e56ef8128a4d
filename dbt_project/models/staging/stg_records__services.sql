select
    id as service_id,
    {{ raw_text('ref') }} as service_ref,
    {{ raw_text('label') }} as service_label,
    {{ raw_text('kind') }} as service_kind,
    {{ raw_text('caf_kind') }} as caf_kind
from {{ source('records', 'service') }}
