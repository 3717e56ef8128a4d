select
    id as calendar_event_id,
    {{ raw_text('kind') }} as kind,
    {{ raw_date('starts_on') }} as starts_on,
    {{ raw_date('ends_on') }} as ends_on,
    {{ raw_integer('start_minute') }} as start_minute,
    {{ raw_integer('end_minute') }} as end_minute,
    {{ raw_bigint('structure_id') }} as structure_id,
    {{ raw_bigint('class_id') }} as class_id,
    {{ raw_bigint('service_id') }} as service_id
from {{ source('records', 'calendar_event') }}
where {{ raw_bigint('cancelled_at') }} is null
