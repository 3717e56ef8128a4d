select
    mandates.id as mandate_id,
    coalesce(kept_payers.kept_id, mandates.payer_id) as payer_id,
    {{ raw_text('mandates.state') }} as state
from {{ source('records', 'mandate') }} as mandates
left join {{ source('build', 'kept_payer') }} as kept_payers on mandates.payer_id = kept_payers.id
