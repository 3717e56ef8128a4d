with days as (
    select {{ each_day('first_day', 'last_day') }} as day
    from {{ ref('stg_records__build_days') }}
),

structures as (
    select * from {{ ref('stg_records__structures') }}
),

-- A mark of the calendar speaks for one structure, for its school zone or for the whole country.
marks as (
    select
        structures.structure_id,
        calendar_days.day,
        max(calendar_days.kind = 'school_holiday') as is_school_holiday,
        max(calendar_days.kind in ('public_holiday', 'closure')) as is_shut,
        max(calendar_days.kind = 'bridge') as is_bridge
    from {{ ref('stg_records__calendar_days') }} as calendar_days
    cross join {{ ref('stg_records__collectivity') }} as collectivity
    inner join structures
        on calendar_days.structure_id = structures.structure_id
        or calendar_days.zone in ('*', collectivity.school_zone)
    group by structures.structure_id, calendar_days.day
),

school_days as (
    select distinct days.day
    from days
    inner join {{ ref('stg_records__school_years') }} as school_years
        on days.day >= school_years.starts_on and days.day < school_years.ends_on
)

select
    structures.structure_id,
    days.day,
    structures.timezone,
    {{ weekday('days.day') }} as weekday,
    coalesce(marks.is_shut, false) as is_shut,
    coalesce(marks.is_school_holiday, false) as is_school_holiday,
    coalesce(marks.is_bridge, false) as is_bridge,
    school_days.day is not null
    and not coalesce(marks.is_shut or marks.is_school_holiday or marks.is_bridge, false) as is_school_day
from structures
cross join days
left join marks on structures.structure_id = marks.structure_id and days.day = marks.day
left join school_days on days.day = school_days.day
