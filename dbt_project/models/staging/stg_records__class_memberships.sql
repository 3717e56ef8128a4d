-- A row still under a merged person contradicted one of the person kept, and counts no more.
select
    id as class_membership_id,
    person_id,
    class_id,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'class_membership') }}
where person_id not in (select kept_people.id from {{ source('build', 'kept_person') }} as kept_people)
