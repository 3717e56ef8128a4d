-- The minute of each half hour that asks for most adults: the average would hide the pick-up of the evening.
with asked as (
    select
        counts.*,
        counts.minute - counts.minute % 30 as half_hour,
        counts.short_under_6 + counts.long_under_6 + counts.holiday_under_6 as under_6,
        counts.short_from_6 + counts.long_from_6 + counts.holiday_from_6 as from_6,
        ratios.director_apart_from,
        case when counts.short_under_6 + counts.short_from_6 > 0 then 1 else 0 end as has_short,
        case when counts.long_under_6 + counts.long_from_6 > 0 then 1 else 0 end as has_long,
        case when counts.holiday_under_6 + counts.holiday_from_6 > 0 then 1 else 0 end as has_holiday,
        case when counts.daycare > 0 then 1 else 0 end as has_daycare,
        {{ adults_required('counts', 'ratios') }} as required
    from {{ ref('int_staffing__counts') }} as counts
    inner join {{ ref('int_staffing__ratios') }} as ratios
        on counts.structure_id = ratios.structure_id and counts.day = ratios.day
),

ranked as (
    select
        *,
        row_number() over (
            partition by structure_id, day, half_hour
            order by required desc nulls first, under_6 + from_6 + daycare desc, minute
        ) as preference
    from asked
)

select
    structure_id,
    day,
    cast(half_hour as integer) as half_hour,
    minute as peak_minute,
    cast(under_6 as integer) as under_6,
    cast(from_6 as integer) as from_6,
    daycare,
    daycare_walking,
    case
        when has_short + has_long + has_holiday + has_daycare <> 1 then 'several'
        when has_short = 1 then 'short'
        when has_long = 1 then 'long'
        when has_holiday = 1 then 'holiday'
        else 'daycare'
    end as care,
    cast(required as integer) as required,
    coalesce(under_6 + from_6 >= director_apart_from, false) as is_director_apart
from ranked
where preference = 1
