select
    service_id,
    service_ref,
    service_label,
    service_kind
from {{ ref('stg_records__services') }}
