select
    id as badge_child_id,
    assignment_id as badge_assignment_id,
    child_id
from {{ source('records', 'badge_child') }}
