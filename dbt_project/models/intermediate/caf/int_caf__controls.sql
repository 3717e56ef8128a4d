-- What the CAF would ask about: one row a record, before anything is sent; a month for what lasts, so that a version
-- tells its own months of it.
with child_controls as (
    select
        structure_id,
        cast(extract(year from day) as integer) as caf_year,
        case when held_back is not null then 'held_back' else fault end as control,
        child_id,
        service_id,
        day,
        realised_minutes as quantity
    from {{ ref('int_caf__child_days') }}
    where held_back is not null or fault is not null
    union all
    select
        structure_id,
        cast(extract(year from day) as integer) as caf_year,
        'regime_missing' as control,
        child_id,
        min(service_id) as service_id,
        min(day) as day,
        sum(realised_minutes) as quantity
    from {{ ref('int_caf__child_days') }}
    where regime_group = 'INCONNU' and is_declared
    group by structure_id, cast(extract(year from day) as integer), {{ month_of('day') }}, child_id
),

-- A child of whom less is billed than realised: the rate falls under 100 %, and the CAF asks why. The days that say it.
under_billed as (
    select
        structure_id,
        cast(extract(year from day) as integer) as caf_year,
        child_id,
        service_id
    from {{ ref('int_caf__child_days') }}
    where caf_kind = 'eaje'
    group by structure_id, cast(extract(year from day) as integer), child_id, service_id
    having
        coalesce(sum({{ caf_measure('billed') }}), 0) < coalesce(sum({{ caf_measure('realised') }}), 0)
),

unbilled as (
    select
        gaps.structure_id,
        under_billed.caf_year,
        'unbilled_hours' as control,
        gaps.child_id,
        gaps.service_id,
        gaps.day,
        -gaps.gap_minutes as quantity
    from {{ ref('int_caf__gaps') }} as gaps
    inner join under_billed
        on gaps.structure_id = under_billed.structure_id
        and gaps.child_id = under_billed.child_id
        and gaps.service_id = under_billed.service_id
        and extract(year from gaps.day) = under_billed.caf_year
    where gaps.cause = 'free_hours'
),

child_hours as (
    select
        structure_id,
        child_id,
        day,
        min(service_id) as service_id,
        sum(realised_minutes) as minutes
    from {{ ref('int_caf__child_days') }}
    where is_declared
    group by structure_id, child_id, day
),

above_opening as (
    select
        child_hours.structure_id,
        cast(extract(year from child_hours.day) as integer) as caf_year,
        'hours_above_opening' as control,
        child_hours.child_id,
        child_hours.service_id,
        child_hours.day,
        child_hours.minutes - hours.open_minutes as quantity
    from child_hours
    inner join {{ ref('int_calendar__opening_hours') }} as hours
        on child_hours.structure_id = hours.structure_id and child_hours.day = hours.day
    where child_hours.minutes > hours.open_minutes
),

service_days as (
    select
        structure_id,
        service_id,
        day,
        count(*) as children
    from {{ ref('int_caf__child_days') }}
    where is_present and is_declared and caf_kind <> 'eaje'
    group by structure_id, service_id, day
),

above_places as (
    select
        service_days.structure_id,
        cast(extract(year from service_days.day) as integer) as caf_year,
        'above_capacity' as control,
        cast(null as bigint) as child_id,
        service_days.service_id,
        service_days.day,
        service_days.children - settings.authorised_places as quantity
    from service_days
    inner join {{ ref('stg_records__caf_settings') }} as settings
        on service_days.structure_id = settings.structure_id
        and settings.valid_from <= service_days.day
        and (settings.valid_to is null or service_days.day < settings.valid_to)
    where service_days.children > settings.authorised_places
    union all
    select
        structure_id,
        cast(extract(year from week) as integer) as caf_year,
        'above_capacity' as control,
        cast(null as bigint) as child_id,
        cast(null as bigint) as service_id,
        week as day,
        peak - places as quantity
    from {{ ref('int_caf__occupancy') }}
    where is_alert
),

unpriced as (
    select
        structure_id,
        cast(extract(year from day) as integer) as caf_year,
        'price_missing' as control,
        child_id,
        service_id,
        day,
        cast(minutes as bigint) as quantity
    from {{ ref('int_caf__billed') }}
    where
        fault is not null
        and service_id in (
            select services.service_id from {{ ref('stg_records__services') }} as services
            where services.caf_kind = 'eaje'
        )
),

-- What a town adds to the State's scale, or takes off it, is no contribution that the CAF deducts (CAF notes §1.1).
local_prices as (
    select
        billed.structure_id,
        cast(extract(year from billed.day) as integer) as caf_year,
        'local_price' as control,
        cast(null as bigint) as child_id,
        billed.service_id,
        min(billed.day) as day,
        count(*) as quantity
    from {{ ref('int_caf__billed') }} as billed
    inner join {{ ref('stg_records__services') }} as services
        on billed.service_id = services.service_id and services.caf_kind = 'eaje'
    where billed.is_local_price
    group by
        billed.structure_id, billed.service_id, cast(extract(year from billed.day) as integer), date_trunc('month', billed.day)
),

-- The adults of each half hour at its peak, against those that were said; nobody is counted where nobody was said.
half_hours as (
    select
        peaks.structure_id,
        peaks.day,
        peaks.required,
        plans.animators,
        ratios.is_past
    from {{ ref('int_staffing__peaks') }} as peaks
    inner join {{ ref('int_staffing__ratios') }} as ratios
        on peaks.structure_id = ratios.structure_id and peaks.day = ratios.day
    left join {{ ref('int_staffing__plans') }} as plans
        on peaks.structure_id = plans.structure_id
        and peaks.day = plans.day
        and peaks.half_hour = plans.half_hour
),

short_of_adults as (
    select
        structure_id,
        cast(extract(year from day) as integer) as caf_year,
        case when required is null then 'parameter_missing' else 'ratio' end as control,
        cast(null as bigint) as child_id,
        cast(null as bigint) as service_id,
        day,
        30 * count(*) as quantity
    from half_hours
    where is_past and (required > animators or required is null)
    group by structure_id, day, case when required is null then 'parameter_missing' else 'ratio' end
),

teams_said as (
    select
        structure_id,
        day
    from half_hours
    group by structure_id, day
    having count(*) = count(animators)
),

teams_unknown as (
    select
        staffed.structure_id,
        cast(extract(year from staffed.day) as integer) as caf_year,
        'team_unknown' as control,
        cast(null as bigint) as child_id,
        cast(null as bigint) as service_id,
        min(staffed.day) as day,
        count(*) as quantity
    from (
        select distinct
            structure_id,
            day
        from {{ ref('int_caf__child_days') }}
        where is_present and (caf_kind in ('eaje', 'extrascolaire') or caf_kind like 'periscolaire%')
    ) as staffed
    left join teams_said on staffed.structure_id = teams_said.structure_id and staffed.day = teams_said.day
    where teams_said.day is null
    group by staffed.structure_id, cast(extract(year from staffed.day) as integer), {{ month_of('staffed.day') }}
),

found as (
    select * from child_controls
    union all
    select * from above_opening
    union all
    select * from above_places
    union all
    select * from unpriced
    union all
    select * from unbilled
    union all
    select * from local_prices
    union all
    select * from short_of_adults
    union all
    select * from teams_unknown
)

select
    structure_id,
    caf_year,
    control,
    coalesce(child_id, 0) as child_id,
    coalesce(service_id, 0) as service_id,
    day,
    cast(quantity as bigint) as quantity
from found
