select
    badge_children.id as badge_child_id,
    badge_children.assignment_id as badge_assignment_id,
    coalesce(kept_people.kept_id, badge_children.child_id) as child_id
from {{ source('records', 'badge_child') }} as badge_children
left join {{ source('build', 'kept_person') }} as kept_people on badge_children.child_id = kept_people.id
