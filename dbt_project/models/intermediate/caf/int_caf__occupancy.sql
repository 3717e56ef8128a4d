-- Weeks of early-childhood places, from Monday: hours offered and used, and the most children at one moment. More
-- children than places may be there at once, up to the State's share of the places, when the week's hours are not
-- over (CSP R2324-27).
with offered as (
    select
        openings.structure_id,
        openings.day,
        openings.minutes,
        settings.authorised_places,
        settings.oversize_rounding,
        shares.parameter_value as surnumber_percent
    from {{ ref('int_caf__openings') }} as openings
    left join {{ ref('stg_records__caf_settings') }} as settings
        on openings.structure_id = settings.structure_id
        and settings.valid_from <= openings.day
        and (settings.valid_to is null or openings.day < settings.valid_to)
    left join {{ ref('stg_records__parameters') }} as shares
        on shares.parameter_id = 'caf.psu.surnumber_percent'
        and shares.valid_from <= openings.day
        and (shares.valid_to is null or openings.day < shares.valid_to)
    where openings.caf_kind = 'eaje'
),

moments as (
    select
        stays.structure_id,
        stays.day,
        stays.arrived_minute as minute,
        1 as step
    from {{ ref('int_attendance__stays_settled') }} as stays
    inner join {{ ref('stg_records__services') }} as services
        on stays.service_id = services.service_id and services.caf_kind = 'eaje'
    union all
    select
        stays.structure_id,
        stays.day,
        stays.left_minute as minute,
        -1 as step
    from {{ ref('int_attendance__stays_settled') }} as stays
    inner join {{ ref('stg_records__services') }} as services
        on stays.service_id = services.service_id and services.caf_kind = 'eaje'
    where stays.left_minute is not null
),

-- A child who leaves and one who arrives at the same minute are not there together.
followed as (
    select
        structure_id,
        day,
        sum(step) over (
            partition by structure_id, day order by minute, step rows between unbounded preceding and current row
        ) as children
    from moments
),

peaks as (
    select
        structure_id,
        day,
        max(children) as peak
    from followed
    group by structure_id, day
),

used as (
    select
        structure_id,
        day,
        sum(realised_minutes) as realised_minutes,
        sum(billed_minutes) as billed_minutes
    from {{ ref('int_caf__gaps') }}
    group by structure_id, day
),

-- Places may change in the middle of a week: each day has its own.
limited as (
    select
        *,
        case oversize_rounding
            when 'ceiling' then {{ whole_division('authorised_places * cast(surnumber_percent as integer) + 99', '100') }}
            when 'nearest' then {{ whole_division('2 * authorised_places * cast(surnumber_percent as integer) + 100', '200') }}
            else {{ whole_division('authorised_places * cast(surnumber_percent as integer)', '100') }}
        end as most_children
    from offered
),

weeks as (
    select
        limited.structure_id,
        cast(date_trunc('week', limited.day) as date) as week,
        count(*) as open_days,
        max(limited.authorised_places) as places,
        count(*) = count(limited.authorised_places) as has_places,
        count(*) = count(limited.surnumber_percent) as has_share,
        case
            when count(*) = count(limited.authorised_places) then sum(limited.minutes * limited.authorised_places)
        end as capacity_minutes,
        sum(coalesce(used.realised_minutes, 0)) as realised_minutes,
        sum(coalesce(used.billed_minutes, 0)) as billed_minutes,
        max(coalesce(peaks.peak, 0)) as peak,
        max(limited.most_children) as most_children,
        max(coalesce(peaks.peak, 0) > limited.authorised_places) as is_over_places,
        max(coalesce(peaks.peak, 0) > limited.most_children) as over_115
    from limited
    left join used on limited.structure_id = used.structure_id and limited.day = used.day
    left join peaks on limited.structure_id = peaks.structure_id and limited.day = peaks.day
    group by limited.structure_id, cast(date_trunc('week', limited.day) as date)
)

select
    structure_id,
    week,
    cast(open_days as integer) as open_days,
    cast(places as integer) as places,
    cast(capacity_minutes as bigint) as capacity_minutes,
    cast(realised_minutes as bigint) as realised_minutes,
    cast(billed_minutes as bigint) as billed_minutes,
    case when capacity_minutes > 0 then {{ signed_ratio('100 * realised_minutes', 'capacity_minutes', 2, 9) }} end
        as occupancy_realised,
    case when capacity_minutes > 0 then {{ signed_ratio('100 * billed_minutes', 'capacity_minutes', 2, 9) }} end
        as occupancy_billed,
    cast(peak as integer) as peak,
    cast(most_children as integer) as most_children,
    realised_minutes > capacity_minutes as over_100,
    over_115,
    over_115 or (is_over_places and realised_minutes > capacity_minutes) as is_alert,
    case
        when not has_places then 'setting_missing'
        when not has_share
            then 'parameter_missing caf.psu.surnumber_percent ' || cast(week as varchar)
    end as fault
from weeks
