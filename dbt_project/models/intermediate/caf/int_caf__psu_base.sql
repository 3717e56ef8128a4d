-- What the PSU of a year, or of its first months, rests on: hours as they are declared, what families pay, what it cost.
with periods as (
    {{ caf_parts() }}
),

hours as (
    select
        structure_id,
        cast(extract(year from month) as integer) as caf_year,
        periods.period as caf_part,
        cast(sum(realised_minutes) as bigint) as realised_minutes,
        cast(sum(billed_minutes) as decimal(18, 4)) as billed_minutes,
        cast(sum(case when regime_group = 'RG' then billed_minutes else 0 end) as decimal(18, 4)) as general_minutes,
        cast(sum(contribution) as decimal(18, 2)) as contributions
    from {{ ref('int_caf__sums') }} as sums
    inner join periods on extract(month from sums.month) <= periods.last_month
    where caf_kind = 'eaje'
    group by structure_id, cast(extract(year from month) as integer), periods.period
)

select
    hours.structure_id,
    hours.caf_year,
    hours.caf_part,
    hours.contributions,
    settings.caf_year is not null as has_settings,
    settings.authorised_places,
    settings.meals_provided and settings.diapers_provided as is_provided,
    costs.charge_cents,
    coalesce(costs.is_over, false) as is_over,
    {{ hours_of('hours.realised_minutes') }} as realised_hours,
    {{ hours_of('hours.billed_minutes') }} as billed_hours,
    hours.billed_minutes,
    case
        when settings.general_regime_rate is not null then cast(settings.general_regime_rate as decimal(5, 4))
        when hours.billed_minutes > 0
            then {{ signed_ratio('cast(hours.general_minutes * 10000 as bigint)', 'cast(hours.billed_minutes * 10000 as bigint)', 4, 5) }}
    end as general_rate
from hours
left join {{ ref('int_caf__settings') }} as settings
    on hours.structure_id = settings.structure_id and hours.caf_year = settings.caf_year
left join {{ ref('int_caf__costs') }} as costs
    on hours.structure_id = costs.structure_id
    and hours.caf_year = costs.caf_year
    and hours.caf_part = costs.period
    and costs.activity = 'eaje'
