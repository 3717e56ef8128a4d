select
    id as structure_opening_id,
    structure_id,
    {{ raw_text('period') }} as period,
    cast(weekday as integer) as weekday,
    {{ raw_date('valid_from') }} as valid_from,
    cast(seq as integer) as seq,
    {{ raw_integer('open_minute') }} as open_minute,
    {{ raw_integer('close_minute') }} as close_minute,
    {{ raw_integer('shut_from_minute') }} as shut_from_minute,
    {{ raw_integer('shut_until_minute') }} as shut_until_minute
from {{ source('records', 'structure_opening') }}
