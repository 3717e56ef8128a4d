select
    id as aid_band_id,
    scale_id as aid_scale_id,
    {{ scaled('qf_from_e2', 2, 10) }} as qf_from,
    {{ scaled('qf_to_e2', 2, 10) }} as qf_to,
    amount_cents
from {{ source('records', 'aid_band') }}
