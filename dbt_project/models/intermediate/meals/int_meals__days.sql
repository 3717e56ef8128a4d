-- The days around a holiday have their own take-up; the first of a school year teach nothing about the others.
with days as (
    select distinct
        day,
        {{ weekday('day') }} as weekday
    from {{ ref('int_meals__covers') }}
),

near as (
    select
        days.day,
        days.weekday,
        min(case when holidays.first_day > days.day then {{ days_from('days.day', 'holidays.first_day') }} end) as until,
        min(case when holidays.last_day < days.day then {{ days_from('holidays.last_day', 'days.day') }} end) as since,
        max(case when holidays.last_day < days.day then holidays.last_day end) as last_holiday_on,
        max(holidays.first_day <= days.day and days.day <= holidays.last_day) as is_holiday
    from days
    left join {{ ref('int_calendar__school_holidays') }} as holidays on true
    group by days.day, days.weekday
)

select
    day,
    cast(weekday as integer) as weekday,
    case
        when is_holiday then 'holiday'
        when since <= 7 and extract(month from last_holiday_on) in (8, 9) then 'rentree'
        when since <= 3 then 'after_holiday'
        when until <= 2 then 'before_holiday'
        when until <= 21 and extract(month from day) in (6, 7) then 'year_end'
        else 'std'
    end as calendar_class,
    'unknown' as menu_class,
    false as is_strike
from near
