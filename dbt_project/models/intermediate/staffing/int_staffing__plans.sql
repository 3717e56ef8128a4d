-- What was said of a half hour: of that day alone before what every week says, the latest begun, the last entered.
with half_hours as (
    select {{ each_half_hour() }} as half_hour
),

said as (
    select
        ratios.structure_id,
        ratios.day,
        half_hours.half_hour,
        plans.animators,
        row_number() over (
            partition by ratios.structure_id, ratios.day, half_hours.half_hour
            order by plans.is_one_day desc, plans.valid_from desc, plans.seq desc
        ) as preference
    from {{ ref('stg_records__staff_plans') }} as plans
    inner join {{ ref('int_staffing__ratios') }} as ratios
        on plans.structure_id = ratios.structure_id
        and case
            when plans.is_one_day then ratios.day = plans.valid_from
            else
                plans.valid_from <= ratios.day
                and plans.weekday = ratios.weekday
                and plans.period = ratios.period
        end
    inner join half_hours
        on plans.start_minute <= half_hours.half_hour and half_hours.half_hour < plans.end_minute
)

select
    structure_id,
    day,
    half_hour,
    animators
from said
where preference = 1
