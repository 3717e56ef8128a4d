select
    id as enrolment_payer_id,
    enrolment_id,
    payer_id,
    {{ raw_text('rule') }} as rule,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'enrolment_payer') }}
