-- A merged person stays here: taps carry the reference that a terminal knew.
select
    persons.id as person_id,
    coalesce(kept_people.kept_id, persons.id) as kept_person_id,
    {{ raw_text('persons.ref') }} as person_ref,
    {{ raw_text('persons.first_name') }} as first_name,
    {{ raw_text('persons.last_name') }} as last_name,
    {{ raw_date('persons.birth_date') }} as birth_date
from {{ source('records', 'person') }} as persons
left join {{ source('build', 'kept_person') }} as kept_people on persons.id = kept_people.id
