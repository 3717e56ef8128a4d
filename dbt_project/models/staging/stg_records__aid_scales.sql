select
    id as aid_scale_id,
    body_id,
    {{ raw_date('valid_from') }} as valid_from,
    cast(seq as integer) as seq,
    {{ raw_text('decision') }} as scale_decision,
    {{ raw_text('unit') }} as unit,
    {{ raw_text('qf_day') }} as qf_day
from {{ source('records', 'aid_scale') }}
