with pointed as (
    select
        *,
        {{ raw_bigint('person_id') }} as own_person_id,
        {{ raw_bigint('payer_id') }} as own_payer_id
    from {{ source('records', 'document') }}
)

select
    pointed.id as document_id,
    pointed.kind_id as document_kind_id,
    coalesce(kept_families.kept_id, pointed.family_id) as family_id,
    coalesce(kept_people.kept_id, pointed.own_person_id) as person_id,
    coalesce(kept_payers.kept_id, pointed.own_payer_id) as payer_id,
    {{ raw_date('pointed.expires_on') }} as expires_on,
    {{ raw_text('pointed.state') }} as state
from pointed
left join {{ source('build', 'kept_family') }} as kept_families on pointed.family_id = kept_families.id
left join {{ source('build', 'kept_person') }} as kept_people on pointed.own_person_id = kept_people.id
left join {{ source('build', 'kept_payer') }} as kept_payers on pointed.own_payer_id = kept_payers.id
