select
    id as person_id,
    {{ raw_text('ref') }} as person_ref,
    {{ raw_text('first_name') }} as first_name,
    {{ raw_text('last_name') }} as last_name,
    {{ raw_date('birth_date') }} as birth_date
from {{ source('records', 'person') }}
