select
    id as kitchen_setting_id,
    {{ raw_bigint('structure_id') }} as structure_id,
    {{ raw_date('valid_from') }} as valid_from,
    seq,
    pack,
    minimum,
    supplier_days,
    firm_days,
    missing_cents,
    wasted_cents
from {{ source('records', 'kitchen_setting') }}
