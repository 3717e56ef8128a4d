-- A justified absence whose reason deducts only after some days: the first days of the absence stay billed. An absence
-- goes on from one day the child should have come to the next, over closed days too, while the reason stays.
with reasons as (
    select
        absence_reason_id,
        deducts_after_days,
        deducts_after_unit
    from {{ ref('stg_records__absence_reasons') }}
    where deducts_after_days is not null
),

concerned as (
    select distinct
        decided.child_id,
        decided.service_id
    from {{ ref('int_attendance__decided') }} as decided
    inner join reasons on decided.absence_reason_id = reasons.absence_reason_id
    where decided.situation = 'absent_justified'
),

days as (
    select
        decided.child_id,
        decided.service_id,
        decided.day,
        reasons.deducts_after_days,
        reasons.deducts_after_unit,
        case when decided.situation = 'absent_justified' then reasons.absence_reason_id end as absence_reason_id
    from {{ ref('int_attendance__decided') }} as decided
    inner join concerned on decided.child_id = concerned.child_id and decided.service_id = concerned.service_id
    left join reasons on decided.absence_reason_id = reasons.absence_reason_id
),

followed as (
    select
        *,
        lag(absence_reason_id) over (partition by child_id, service_id order by day) as reason_before,
        lag(day) over (partition by child_id, service_id order by day) as day_before
    from days
),

-- More than a month without a day to come begins another absence.
begun as (
    select
        *,
        max(
            case
                when
                    reason_before is null
                    or reason_before <> absence_reason_id
                    or {{ days_from('day_before', 'day') }} > {{ var('absence_gap_days') }}
                    then day
            end
        ) over (partition by child_id, service_id order by day rows between unbounded preceding and current row)
            as first_day
    from followed
    where absence_reason_id is not null
)

select
    child_id,
    service_id,
    day,
    first_day,
    case
        when deducts_after_unit = 'service_day'
            then row_number() over (partition by child_id, service_id, first_day order by day) <= deducts_after_days
        else {{ days_from('first_day', 'day') }} < deducts_after_days
    end as is_billed
from begun
