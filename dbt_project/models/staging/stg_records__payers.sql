select
    id as payer_id,
    {{ raw_text('ref') }} as payer_ref,
    family_id,
    {{ raw_bigint('person_id') }} as person_id
from {{ source('records', 'payer') }}
