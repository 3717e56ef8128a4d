select
    id as enrolment_id,
    person_id as child_id,
    service_id,
    structure_id,
    {{ raw_text('category') }} as category,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'enrolment') }}
