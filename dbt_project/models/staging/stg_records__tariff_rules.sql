select
    id as tariff_rule_id,
    version_id as tariff_version_id,
    cast(ordinal as integer) as ordinal,
    {{ raw_text('label') }} as rule_label,
    {{ raw_text('category') }} as category,
    {{ raw_text('formula') }} as formula_code,
    {{ scaled(raw_bigint('qf_from_e2'), 2, 10) }} as qf_from,
    {{ scaled(raw_bigint('qf_to_e2'), 2, 10) }} as qf_to,
    {{ raw_text('unit') }} as unit,
    {{ scaled('amount_e4', 4) }} as unit_price
from {{ source('records', 'tariff_rule') }}
