select
    signatures.id as signature_id,
    coalesce(kept_families.kept_id, signatures.family_id) as family_id,
    {{ raw_text('signatures.paper') }} as paper,
    {{ raw_boolean('signatures.is_withdrawn') }} as is_withdrawn,
    {{ raw_bigint('signatures.replaces_id') }} as replaces_id
from {{ source('records', 'signature') }} as signatures
left join {{ source('build', 'kept_family') }} as kept_families on signatures.family_id = kept_families.id
