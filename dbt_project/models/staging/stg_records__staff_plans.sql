select
    id as staff_plan_id,
    structure_id,
    {{ raw_date('valid_from') }} as valid_from,
    cast(seq as integer) as seq,
    {{ raw_boolean('is_one_day') }} as is_one_day,
    {{ raw_text('period') }} as period,
    cast(weekday as integer) as weekday,
    cast(start_minute as integer) as start_minute,
    cast(end_minute as integer) as end_minute,
    cast(animators as integer) as animators
from {{ source('records', 'staff_plan') }}
