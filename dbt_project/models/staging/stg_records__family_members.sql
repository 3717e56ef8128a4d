-- A row still under a merged person or file contradicted one of what was kept, and counts no more.
select
    id as family_member_id,
    family_id,
    person_id,
    {{ raw_text('role') }} as role,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'family_member') }}
where
    person_id not in (select kept_people.id from {{ source('build', 'kept_person') }} as kept_people)
    and family_id not in (select kept_families.id from {{ source('build', 'kept_family') }} as kept_families)
