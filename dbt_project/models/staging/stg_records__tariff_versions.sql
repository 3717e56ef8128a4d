select
    id as tariff_version_id,
    tariff_id,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_text('decision') }} as tariff_decision,
    {{ raw_bigint('unit_step_e4') }} as unit_step_e4,
    {{ raw_text('unit_step_mode') }} as unit_step_mode,
    {{ raw_text('rank_basis') }} as rank_basis,
    coalesce({{ raw_text('package_basis') }}, 'enrolled') as package_basis
from {{ source('records', 'tariff_version') }}
