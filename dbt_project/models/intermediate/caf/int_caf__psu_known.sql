-- What the PSU of the months known so far of a year rests on: whole months, from January to the last that is over. They
-- cost an hour what it cost in the newest months of the year whose accounts are known, else what it cost the year before.
with years as (
    select distinct cast(extract(year from month) as integer) as caf_year
    from {{ ref('int_caf__sums') }}
),

-- The month before that of the morrow of the last day: on the last day of October, October.
ended as (
    select
        years.caf_year,
        12 * (cast(extract(year from build_days.last_line_day + interval 1 day) as integer) - years.caf_year)
        + cast(extract(month from build_days.last_line_day + interval 1 day) as integer) - 1 as months
    from years
    cross join {{ ref('stg_records__build_days') }} as build_days
),

parts as (
    select
        caf_year,
        'known' as caf_part,
        least(12, months) as last_month
    from ended
    where months > 0
),

{{ psu_hours() }},

periods as (
    {{ caf_parts() }}
),

-- A year that is over is the whole of it, with its own accounts: as the balance says it.
spent as (
    select
        rested.structure_id,
        rested.caf_year,
        parts.last_month,
        base.caf_year as cost_year,
        base.caf_part as cost_part,
        base.charge_cents,
        base.billed_hours,
        case when base.caf_year = rested.caf_year then periods.last_month else 0 end as rank,
        base.charge_cents is not null and base.billed_hours > 0 as is_known
    from rested
    inner join parts on rested.caf_year = parts.caf_year
    inner join {{ ref('int_caf__psu_base') }} as base
        on rested.structure_id = base.structure_id
        and (
            (rested.caf_year = base.caf_year and (parts.last_month < 12 or base.caf_part = 'year'))
            or (rested.caf_year - 1 = base.caf_year and parts.last_month < 12 and base.caf_part = 'year')
        )
    inner join periods on base.caf_part = periods.period
    where base.is_over
),

-- What is asked for where no cost is known: the accounts that would be the newest.
chosen as (
    select
        structure_id,
        caf_year,
        max(case when is_known then rank end) as known_rank,
        max(rank) as newest_rank
    from spent
    group by structure_id, caf_year
),

costed as (
    select
        chosen.structure_id,
        chosen.caf_year,
        spent.cost_year,
        spent.cost_part,
        spent.charge_cents,
        spent.billed_hours
    from chosen
    inner join spent
        on chosen.structure_id = spent.structure_id
        and chosen.caf_year = spent.caf_year
        and coalesce(chosen.known_rank, chosen.newest_rank) = spent.rank
)

select
    rested.structure_id,
    rested.caf_year,
    cast(parts.last_month as integer) as last_month,
    rested.contributions,
    rested.has_settings,
    rested.authorised_places,
    rested.is_provided,
    rested.realised_hours,
    rested.billed_hours,
    rested.realised_minutes,
    rested.billed_minutes,
    rested.general_rate,
    costed.cost_year,
    costed.cost_part,
    case
        when costed.billed_hours > 0
            then {{ signed_ratio(
                'costed.charge_cents * ' ~ hundredths('rested.billed_hours'), hundredths('costed.billed_hours'), 0
            ) }}
    end as charge_cents
from rested
inner join parts on rested.caf_year = parts.caf_year
left join costed on rested.structure_id = costed.structure_id and rested.caf_year = costed.caf_year
