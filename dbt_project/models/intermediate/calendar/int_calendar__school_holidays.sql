-- A run of days without a gap is one holiday, named by the month in which it starts (domain.custody.school_holidays).
with marked as (
    select distinct calendar_days.day
    from {{ ref('stg_records__calendar_days') }} as calendar_days
    cross join {{ ref('stg_records__collectivity') }} as collectivity
    where calendar_days.kind = 'school_holiday' and calendar_days.zone in ('*', collectivity.school_zone)
),

followed as (
    select
        day,
        lag(day) over (order by day) as day_before
    from marked
),

numbered as (
    select
        day,
        sum(case when {{ days_from('day_before', 'day') }} = 1 then 0 else 1 end) over (
            order by day rows between unbounded preceding and current row
        ) as holiday_number
    from followed
),

spans as (
    select
        min(day) as first_day,
        max(day) as last_day
    from numbered
    group by holiday_number
)

select
    case
        when extract(month from first_day) in (9, 10, 11) then 'autumn'
        when extract(month from first_day) in (12, 1) then 'christmas'
        when extract(month from first_day) in (2, 3) then 'winter'
        when extract(month from first_day) in (4, 5) then 'spring'
        else 'summer'
    end as holiday,
    first_day,
    last_day,
    {{ days_from('first_day', 'last_day') }} + 1 as day_count
from spans
