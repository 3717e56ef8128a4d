select
    {{ raw_text('timezone') }} as timezone,
    {{ raw_text('school_zone') }} as school_zone
from {{ source('records', 'collectivity') }}
