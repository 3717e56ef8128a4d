with shared as (
    select
        span_id,
        child_id,
        enrolment_id,
        day as first_day,
        cast(end_day - interval 1 day as date) as last_day
    from {{ ref('int_pricing__spans') }}
    where is_shared
)

select
    span_id,
    child_id,
    enrolment_id,
    {{ each_day('first_day', 'last_day') }} as day
from shared
