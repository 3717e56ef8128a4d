select
    regimes.id as regime_id,
    coalesce(kept_families.kept_id, regimes.family_id) as family_id,
    {{ raw_date('regimes.effective_from') }} as effective_from,
    regimes.recorded_at,
    lower(regimes.code) as regime_code,
    {{ raw_text('regimes.caf_group') }} as recorded_group
from {{ source('records', 'regime') }} as regimes
left join {{ source('build', 'kept_family') }} as kept_families on regimes.family_id = kept_families.id
