-- The days around a holiday have their own take-up; the first of a school year teach nothing about the others.
with days as (
    select distinct
        day,
        {{ weekday('day') }} as weekday
    from {{ ref('int_meals__covers') }}
),

-- A day between a holiday and the week-end: many families are away although the place is open.
off as (
    select distinct calendar_days.day
    from {{ ref('stg_records__calendar_days') }} as calendar_days
    cross join {{ ref('stg_records__collectivity') }} as collectivity
    where
        calendar_days.kind in ('public_holiday', 'bridge')
        and calendar_days.zone in ('*', collectivity.school_zone)
),

near as (
    select
        days.day,
        days.weekday,
        min(case when holidays.first_day > days.day then {{ days_from('days.day', 'holidays.first_day') }} end) as until,
        min(case when holidays.last_day < days.day then {{ days_from('holidays.last_day', 'days.day') }} end) as since,
        max(case when holidays.last_day < days.day then holidays.last_day end) as last_holiday_on,
        max(holidays.first_day <= days.day and days.day <= holidays.last_day) as is_holiday,
        max(off.day is not null) as is_bridge
    from days
    left join {{ ref('int_calendar__school_holidays') }} as holidays on true
    left join off
        on (days.weekday = 4 and off.day = days.day - 1)
        or (days.weekday = 0 and off.day = days.day + 1)
    group by days.day, days.weekday
),

-- The menu of the town, or what all its places that say one have in common.
menus as (
    select
        day,
        coalesce(
            max(case when structure_id is null then dish end),
            case when min(dish) = max(dish) then min(dish) end
        ) as dish
    from {{ ref('stg_records__menus') }}
    group by day
),

-- A strike of the whole town: one that shuts teaches nothing, one through which the canteens serve is a day of its own.
strikes as (
    select
        days.day,
        max(events.kind = 'strike') as shuts
    from days
    inner join {{ ref('stg_records__calendar_events') }} as events
        on days.day >= events.starts_on and days.day < events.ends_on
    where
        events.kind in ('strike', 'strike_served')
        and events.structure_id is null
        and (events.service_id is null or events.service_id in (select service_id from {{ ref('int_meals__covers') }}))
    group by days.day
)

select
    near.day,
    cast(near.weekday as integer) as weekday,
    case
        when not strikes.shuts then 'strike'
        when is_holiday then 'holiday'
        when since <= 7 and extract(month from last_holiday_on) in (8, 9) then 'rentree'
        when is_bridge then 'bridge'
        when since <= 3 then 'after_holiday'
        when until <= 2 then 'before_holiday'
        when until <= 21 and extract(month from near.day) in (6, 7) then 'year_end'
        else 'std'
    end as calendar_class,
    coalesce(menus.dish, 'unknown') as menu_class,
    coalesce(strikes.shuts, false) as is_strike
from near
left join menus on near.day = menus.day
left join strikes on near.day = strikes.day
