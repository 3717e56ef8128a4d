select
    id as school_year_id,
    {{ raw_date('starts_on') }} as starts_on,
    {{ raw_date('ends_on') }} as ends_on
from {{ source('records', 'school_year') }}
