select
    structure.id as structure_id,
    moment.as_of,
    {{ local_minute('moment.as_of', 'structure.timezone') }} as as_of_minute
from {{ source('records', 'structure') }} as structure
cross join {{ source('build', 'build_moment') }} as moment
