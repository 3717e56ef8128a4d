select
    id as class_membership_id,
    person_id,
    class_id,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'class_membership') }}
