select
    id as billing_setting_id,
    {{ raw_date('valid_from') }} as valid_from,
    seq,
    {{ raw_boolean('credits_are_strict') }} as credits_are_strict
from {{ source('records', 'billing_setting') }}
