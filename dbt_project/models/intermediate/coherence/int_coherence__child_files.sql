-- The files of each child, as they are kept.
with today as (
    select last_line_day as day from {{ ref('stg_records__build_days') }}
)

select distinct
    members.person_id as child_id,
    members.family_id
from {{ ref('stg_records__family_members') }} as members
inner join today
    on members.valid_from <= today.day and (members.valid_to is null or members.valid_to > today.day)
where members.role = 'child'
