-- What the PSU of a year, or of its first months, rests on: hours as they are declared, what families pay, what it cost.
with periods as (
    {{ caf_parts() }}
),

years as (
    select distinct cast(extract(year from month) as integer) as caf_year
    from {{ ref('int_caf__sums') }}
),

parts as (
    select
        years.caf_year,
        periods.period as caf_part,
        periods.last_month
    from years
    cross join periods
),

{{ psu_hours() }}

select
    rested.structure_id,
    rested.caf_year,
    rested.caf_part,
    rested.contributions,
    rested.has_settings,
    rested.authorised_places,
    rested.is_provided,
    costs.charge_cents,
    coalesce(costs.is_over, false) as is_over,
    rested.realised_hours,
    rested.billed_hours,
    rested.general_rate
from rested
left join {{ ref('int_caf__costs') }} as costs
    on rested.structure_id = costs.structure_id
    and rested.caf_year = costs.caf_year
    and rested.caf_part = costs.period
    and costs.activity = 'eaje'
