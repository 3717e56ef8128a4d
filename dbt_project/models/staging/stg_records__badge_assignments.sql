select
    id as badge_assignment_id,
    {{ raw_text('badge_uid') }} as badge_uid,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'badge_assignment') }}
