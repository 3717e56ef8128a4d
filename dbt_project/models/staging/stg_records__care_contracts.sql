-- Of the versions of one day the last stands; an amendment takes over from its first day.
with ranked as (
    select
        *,
        {{ raw_date('valid_from') }} as first_day,
        {{ raw_date('valid_to') }} as end_day,
        row_number() over (partition by enrolment_id, valid_from order by seq desc) as preference
    from {{ source('records', 'care_contract') }}
),

followed as (
    select
        *,
        lead(first_day) over (partition by enrolment_id order by first_day) as next_day
    from ranked
    where preference = 1
)

select
    id as care_contract_id,
    enrolment_id,
    first_day as valid_from,
    least(end_day, coalesce(next_day, end_day)) as valid_to,
    minutes_per_week * weeks - deducted_minutes as total_minutes,
    months,
    {{ raw_integer('unbilled_month') }} as unbilled_month,
    {{ raw_date('free_until') }} as free_until
from followed
