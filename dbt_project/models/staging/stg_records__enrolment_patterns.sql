select
    id as enrolment_pattern_id,
    enrolment_id,
    cast(weekday as integer) as weekday,
    {{ raw_text('week_cycle') }} as week_cycle,
    {{ raw_date('cycle_anchor_on') }} as cycle_anchor_on,
    {{ raw_integer('start_minute') }} as start_minute,
    {{ raw_integer('end_minute') }} as end_minute,
    {{ raw_text('formula') }} as formula_code,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'enrolment_pattern') }}
