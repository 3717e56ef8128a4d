-- Nobody else is named in what is published of stays and of the days that CAF counts.
select
    persons.person_id as child_id,
    persons.person_ref as child_ref,
    persons.first_name as child_first_name,
    persons.last_name as child_last_name
from {{ ref('stg_records__persons') }} as persons
where
    persons.person_id in (select stays.child_id from {{ ref('int_attendance__stays_told') }} as stays)
    or persons.person_id in (select child_days.child_id from {{ ref('int_caf__child_days') }} as child_days)
