-- The last version of a weekday that is in force, in school weeks or in holidays; a place that never said has no row.
with said as (
    select
        structure_days.structure_id,
        structure_days.day,
        openings.open_minute,
        openings.close_minute,
        openings.shut_from_minute,
        openings.shut_until_minute,
        row_number() over (
            partition by structure_days.structure_id, structure_days.day
            order by openings.valid_from desc, openings.seq desc
        ) as place
    from {{ ref('int_calendar__structure_days') }} as structure_days
    inner join {{ ref('stg_records__structure_openings') }} as openings
        on structure_days.structure_id = openings.structure_id
        and structure_days.weekday = openings.weekday
        and structure_days.day >= openings.valid_from
        and openings.period = case when structure_days.is_school_holiday then 'holiday' else 'school' end
)

select
    structure_id,
    day,
    open_minute,
    close_minute,
    shut_from_minute,
    shut_until_minute,
    -- Nothing on a day it is shut.
    cast(
        coalesce(close_minute - open_minute, 0) - coalesce(shut_until_minute - shut_from_minute, 0) as integer
    ) as open_minutes
from said
where place = 1
