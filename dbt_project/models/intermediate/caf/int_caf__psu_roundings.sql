-- What another step of rounding would add to the hours of a month, the rest of the place's rule kept: presence is counted
-- again from its stays. Outside a contract what is billed moves as much; the hours of a contract stay those signed.
with steps as (
    {%- for step in [1, 15, 30, 60] %}
    {{ "union all " if not loop.first }}select {{ step }} as rounding_minutes
    {%- endfor %}
),

counted as (
    select
        child_days.child_id,
        child_days.service_id,
        child_days.structure_id,
        child_days.day,
        child_days.realised_minutes,
        gaps.is_under_contract
    from {{ ref('int_caf__child_days') }} as child_days
    inner join {{ ref('int_caf__gaps') }} as gaps
        on child_days.child_id = gaps.child_id
        and child_days.service_id = gaps.service_id
        and child_days.day = gaps.day
    where
        child_days.caf_kind = 'eaje'
        and child_days.caf_hour_rule = 'real'
        and child_days.is_present
        and child_days.is_declared
),

tried as (
    select
        stays.child_id,
        stays.service_id,
        stays.day,
        stays.stay_no,
        stays.arrived_minute,
        stays.billed_until_minute,
        service_days.rounding_on,
        service_days.rounding_mode,
        service_days.tolerance_minutes,
        steps.rounding_minutes
    from {{ ref('int_attendance__stays_settled') }} as stays
    inner join counted
        on stays.child_id = counted.child_id
        and stays.service_id = counted.service_id
        and stays.day = counted.day
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on stays.service_id = service_days.service_id
        and stays.structure_id = service_days.structure_id
        and stays.day = service_days.day
    cross join steps
),

on_grid as (
    select
        *,
        {{ arrival_counted('arrived_minute', 'tried') }} as grid_from,
        {{ departure_counted('billed_until_minute', 'tried') }} as grid_until
    from tried
),

apart as (
    select
        *,
        greatest(grid_from, coalesce({{ ended_before('grid_until', 'grid_from', 'rounding_minutes') }}, grid_from))
            as grid_once_from
    from on_grid
),

there as (
    select
        child_id,
        service_id,
        day,
        rounding_minutes,
        rounding_on,
        rounding_mode,
        tolerance_minutes,
        cast(sum(greatest(0, grid_until - grid_once_from)) as integer) as minutes
    from apart
    group by child_id, service_id, day, rounding_minutes, rounding_on, rounding_mode, tolerance_minutes
),

rounded as (
    select
        *,
        case
            when rounding_on = 'duration'
                then rounding_minutes * {{ units_counted('minutes', 'rounding_mode', 'rounding_minutes', 'tolerance_minutes') }}
            else minutes
        end as realised_minutes
    from there
)

select
    counted.structure_id,
    {{ month_of('counted.day') }} as month,
    rounded.rounding_minutes,
    cast(sum(case when counted.is_under_contract then 0 else rounded.realised_minutes - counted.realised_minutes end) as bigint)
        as billed_minutes,
    cast(sum(rounded.realised_minutes - counted.realised_minutes) as bigint) as realised_minutes
from counted
inner join rounded
    on counted.child_id = rounded.child_id
    and counted.service_id = rounded.service_id
    and counted.day = rounded.day
group by counted.structure_id, {{ month_of('counted.day') }}, rounded.rounding_minutes
