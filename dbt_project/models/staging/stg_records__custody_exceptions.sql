select
    id as custody_exception_id,
    child_id,
    {{ raw_date('day') }} as day,
    cast(seq as integer) as seq,
    {{ raw_bigint('payer_id') }} as payer_id
from {{ source('records', 'custody_exception') }}
