-- The last version of a weekday that is in force, in school weeks or in holidays; a place that never said has no row.
with said as (
    select
        structure_days.structure_id,
        structure_days.day,
        openings.open_minute,
        openings.close_minute,
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
    close_minute
from said
where place = 1
