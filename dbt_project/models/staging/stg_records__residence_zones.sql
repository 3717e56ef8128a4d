select
    id as residence_zone_id,
    {{ raw_text('commune_key') }} as commune_key,
    {{ raw_text('zone') }} as residence,
    {{ raw_date('valid_from') }} as valid_from
from {{ source('records', 'residence_zone') }}
