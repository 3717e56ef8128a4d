select
    id as structure_capacity_id,
    structure_id,
    {{ raw_bigint('service_id') }} as service_id,
    {{ raw_integer('weekday') }} as weekday,
    {{ raw_integer('start_minute') }} as start_minute,
    {{ raw_integer('end_minute') }} as end_minute,
    cast(age_from_months as integer) as age_from_months,
    cast(age_to_months as integer) as age_to_months,
    {{ raw_date('valid_from') }} as valid_from,
    cast(seq as integer) as seq,
    cast(places as integer) as places
from {{ source('records', 'structure_capacity') }}
