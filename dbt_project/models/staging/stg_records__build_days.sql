select
    {{ raw_date('first_day') }} as first_day,
    {{ raw_date('last_day') }} as last_day,
    {{ raw_date('last_line_day') }} as last_line_day
from {{ source('build', 'build_days') }}
