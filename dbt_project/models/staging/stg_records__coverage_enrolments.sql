select
    id as coverage_enrolment_id,
    coverage_id,
    enrolment_id,
    {{ raw_date('removed_on') }} as removed_on
from {{ source('records', 'coverage_enrolment') }}
