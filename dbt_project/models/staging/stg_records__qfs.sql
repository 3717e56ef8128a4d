with pointed as (
    select
        *,
        {{ raw_bigint('payer_id') }} as own_payer_id
    from {{ source('records', 'qf') }}
)

select
    pointed.id as qf_id,
    coalesce(kept_families.kept_id, pointed.family_id) as family_id,
    coalesce(kept_payers.kept_id, pointed.own_payer_id) as payer_id,
    {{ raw_date('pointed.effective_from') }} as effective_from,
    pointed.recorded_at,
    {{ local_day('pointed.recorded_at', "coalesce(" ~ raw_text('collectivity.timezone') ~ ", 'UTC')") }} as recorded_on,
    {{ scaled('pointed.value_e2', 2, 10) }} as qf_value,
    {{ raw_text('pointed.source') }} as qf_source,
    {{ raw_bigint('pointed.replaces_id') }} as replaces_id
from pointed
left join {{ source('build', 'kept_family') }} as kept_families on pointed.family_id = kept_families.id
left join {{ source('build', 'kept_payer') }} as kept_payers on pointed.own_payer_id = kept_payers.id
left join {{ source('records', 'collectivity') }} as collectivity on true
