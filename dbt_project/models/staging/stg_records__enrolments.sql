-- A row still under a merged person contradicted one of the person kept, and counts no more.
select
    id as enrolment_id,
    person_id as child_id,
    service_id,
    structure_id,
    {{ raw_text('category') }} as category,
    {{ raw_bigint('sejour_id') }} as sejour_id,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'enrolment') }}
where person_id not in (select kept_people.id from {{ source('build', 'kept_person') }} as kept_people)
