select
    id as custody_holiday_id,
    child_id,
    {{ raw_text('holiday') }} as holiday,
    {{ raw_date('valid_from') }} as valid_from,
    cast(anchor_year as integer) as anchor_year,
    {{ raw_boolean('alternates') }} as alternates,
    first_payer_id,
    second_payer_id
from {{ source('records', 'custody_holiday') }}
