select
    id as family_member_id,
    family_id,
    person_id,
    {{ raw_text('role') }} as role,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'family_member') }}
