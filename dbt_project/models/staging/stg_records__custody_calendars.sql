select
    id as custody_calendar_id,
    child_id,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('anchor_on') }} as anchor_on,
    {{ raw_text('pattern') }} as pattern,
    payer_1_id,
    payer_2_id
from {{ source('records', 'custody_calendar') }}
