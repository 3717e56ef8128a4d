select
    structure.id as structure_id,
    structure.ref as structure_ref,
    structure.name as structure_label,
    structure.kind as structure_kind,
    structure.timezone,
    {{ local_day('context.as_of', 'structure.timezone') }} as as_of_on,
    {{ local_minute('context.as_of', 'structure.timezone') }} as as_of_minute
from {{ source('records', 'structure') }} as structure
cross join {{ source('build', 'build_context') }} as context
