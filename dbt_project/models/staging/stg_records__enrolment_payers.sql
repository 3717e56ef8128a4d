select
    enrolment_payers.id as enrolment_payer_id,
    enrolment_payers.enrolment_id,
    coalesce(kept_payers.kept_id, enrolment_payers.payer_id) as payer_id,
    {{ raw_text('enrolment_payers.rule') }} as rule,
    {{ raw_date('enrolment_payers.valid_from') }} as valid_from,
    {{ raw_date('enrolment_payers.valid_to') }} as valid_to
from {{ source('records', 'enrolment_payer') }} as enrolment_payers
left join {{ source('build', 'kept_payer') }} as kept_payers on enrolment_payers.payer_id = kept_payers.id
