select
    drafts.id as draft_id,
    drafts.run_id,
    coalesce(kept_payers.kept_id, drafts.payer_id) as payer_id,
    {{ raw_boolean('drafts.is_held') }} as is_held,
    {{ scaled('drafts.lines_cents', 2) }} as lines_amount,
    {{ scaled('drafts.adjustments_cents', 2) }} as adjustments_amount,
    {{ scaled('drafts.aside_cents', 2) }} as aside_amount,
    {{ raw_text('drafts.body') }} as body
from {{ source('records', 'invoice_draft') }} as drafts
left join {{ source('build', 'kept_payer') }} as kept_payers on drafts.payer_id = kept_payers.id
