select
    tap_children.id as tap_child_id,
    tap_children.tap_id,
    coalesce(kept_people.kept_id, tap_children.child_id) as child_id
from {{ source('records', 'tap_child') }} as tap_children
left join {{ source('build', 'kept_person') }} as kept_people on tap_children.child_id = kept_people.id
