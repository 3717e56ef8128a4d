select
    credit_rules.id as credit_rule_id,
    coalesce(kept_payers.kept_id, credit_rules.payer_id) as payer_id,
    credit_rules.service_id,
    credit_rules.seq,
    {{ raw_boolean('credit_rules.is_strict') }} as is_strict
from {{ source('records', 'credit_rule') }} as credit_rules
left join {{ source('build', 'kept_payer') }} as kept_payers on credit_rules.payer_id = kept_payers.id
