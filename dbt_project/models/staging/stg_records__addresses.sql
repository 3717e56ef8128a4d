-- A row still under a merged person or file contradicted one of what was kept, and counts no more.
with owned as (
    select
        *,
        {{ raw_bigint('family_id') }} as owner_family_id,
        {{ raw_bigint('person_id') }} as owner_person_id
    from {{ source('records', 'address') }}
)

select
    id as address_id,
    owner_family_id as family_id,
    owner_person_id as person_id,
    {{ raw_text('commune') }} as commune,
    {{ search_key(raw_text('commune')) }} as commune_key,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from owned
where
    coalesce(owner_person_id, 0) not in (select kept_people.id from {{ source('build', 'kept_person') }} as kept_people)
    and coalesce(owner_family_id, 0) not in (
        select kept_families.id from {{ source('build', 'kept_family') }} as kept_families
    )
