-- Enrolments that have not ended today, those that begin later included.
with today as (
    select last_line_day as day from {{ ref('stg_records__build_days') }}
)

select
    enrolments.enrolment_id,
    enrolments.child_id,
    enrolments.service_id,
    enrolments.structure_id,
    enrolments.valid_from,
    enrolments.valid_to,
    today.day as today,
    enrolments.valid_from <= today.day as has_begun
from {{ ref('stg_records__enrolments') }} as enrolments
inner join today on enrolments.valid_to is null or enrolments.valid_to > today.day
