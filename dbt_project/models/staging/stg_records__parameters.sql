select
    {{ raw_text('parameter_id') }} as parameter_id,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to,
    cast(value as decimal(18, 6)) as parameter_value,
    {{ raw_text('reference') }} as reference
from {{ source('build', 'national_parameter') }}
