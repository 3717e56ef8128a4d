{# What the PSU of the months of a CTE `parts` (caf_year, caf_part, last_month) rests on besides its cost: hours as they
   are declared, what families pay, the convention. Gives the CTEs up to `rested`; one count for a declared part of a
   year and for the months known so far. #}
{% macro psu_hours() -%}
hours as (
    select
        sums.structure_id,
        parts.caf_year,
        parts.caf_part,
        cast(sum(sums.realised_minutes) as bigint) as realised_minutes,
        cast(sum(sums.billed_minutes) as decimal(18, 4)) as billed_minutes,
        cast(sum(case when sums.regime_group = 'RG' then sums.billed_minutes else 0 end) as decimal(18, 4)) as general_minutes,
        cast(sum(sums.contribution) as decimal(18, 2)) as contributions
    from {{ ref('int_caf__sums') }} as sums
    inner join parts
        on extract(year from sums.month) = parts.caf_year and extract(month from sums.month) <= parts.last_month
    where sums.caf_kind = 'eaje'
    group by sums.structure_id, parts.caf_year, parts.caf_part
),

rested as (
    select
        hours.structure_id,
        hours.caf_year,
        hours.caf_part,
        hours.contributions,
        settings.caf_year is not null as has_settings,
        settings.authorised_places,
        settings.meals_provided and settings.diapers_provided as is_provided,
        hours.realised_minutes,
        hours.billed_minutes,
        {{ hours_of('hours.realised_minutes') }} as realised_hours,
        {{ hours_of('hours.billed_minutes') }} as billed_hours,
        case
            when settings.general_regime_rate is not null then cast(settings.general_regime_rate as decimal(5, 4))
            when hours.billed_minutes > 0
                then {{ signed_ratio('cast(hours.general_minutes * 10000 as bigint)', 'cast(hours.billed_minutes * 10000 as bigint)', 4, 5) }}
        end as general_rate
    from hours
    left join {{ ref('int_caf__settings') }} as settings
        on hours.structure_id = settings.structure_id and hours.caf_year = settings.caf_year
)
{%- endmacro %}

{# What the CAF owes for early childhood (CAF notes §1.3), of the rows of a CTE `declared` that say what is declared:
   the share of the cost price that it funds, up to the ceiling of the invoicing rate, less what families pay. Gives
   the CTEs up to `funded`; one rule for the year as it is and as it might be. #}
{% macro psu_owed() -%}
scale as (
    select
        caf_year,
        {{ parameter_value('caf.psu.financing_rate') }} as financing_rate,
        {{ parameter_value('caf.psu.price_shape') }} as price_shape,
        {{ parameter_value('caf.psu.threshold_low') }} as threshold_low,
        {{ parameter_value('caf.psu.threshold_high') }} as threshold_high,
        {{ parameter_value('caf.psu.price_high_provided') }} as high_provided,
        {{ parameter_value('caf.psu.price_middle_provided') }} as middle_provided,
        {{ parameter_value('caf.psu.price_low_provided') }} as low_provided,
        {{ parameter_value('caf.psu.price_high_bare') }} as high_bare,
        {{ parameter_value('caf.psu.price_middle_bare') }} as middle_bare,
        {{ parameter_value('caf.psu.price_low_bare') }} as low_bare
    from {{ ref('int_caf__year_values') }} as parameters
    group by caf_year
),

rated as (
    select
        declared.*,
        {{ percent_of('billed_hours', 'realised_hours') }} as invoicing_rate,
        case
            when charge_cents >= 0 and billed_hours > 0
                then {{ exact_ratio('charge_cents', hundredths('billed_hours')) }}
        end as cost_per_hour,
        case when billed_hours > 0 then {{ exact_ratio(hundredths('greatest(contributions, 0)'), hundredths('billed_hours')) }} end
            as contribution_per_hour
    from declared
),

scaled as (
    select
        rated.*,
        scale.financing_rate,
        scale.price_shape,
        scale.threshold_low,
        scale.threshold_high,
        case when rated.is_provided then 'provided' else 'bare' end as equipment,
        case when rated.is_provided then scale.high_provided else scale.high_bare end as price_high,
        case when rated.is_provided then scale.middle_provided else scale.middle_bare end as price_middle,
        case when rated.is_provided then scale.low_provided else scale.low_bare end as price_low
    from rated
    left join scale on rated.caf_year = scale.caf_year
),

-- Which of the prices the rate calls for; between the two thresholds of the linear scale, both.
placed as (
    select
        *,
        case
            when invoicing_rate <= threshold_low then 'high'
            when price_shape = 1 and invoicing_rate <= threshold_high then 'middle'
            when price_shape = 2 and invoicing_rate < threshold_high then 'between'
            when invoicing_rate is not null then 'low'
        end as place
    from scaled
),

priced as (
    select
        *,
        case place
            when 'high' then {{ exact('price_high') }}
            when 'middle' then {{ exact('price_middle') }}
            when 'low' then {{ exact('price_low') }}
            when 'between' then {{ exact('price_low') }} + {{ exact_ratio(
                trillionths(exact(
                    "cast(price_high - price_low as decimal(9, 6)) * cast(threshold_high - invoicing_rate as decimal(20, 12))"
                )),
                trillionths(exact("threshold_high - threshold_low"))
            ) }}
        end as price_cap
    from placed
),

judged as (
    select
        *,
        case
            when not has_settings then 'setting_missing ' || cast(caf_year as varchar)
            when realised_hours <= 0 then 'realised_missing ' || cast(caf_year as varchar)
            when billed_hours <= 0 then 'billed_missing ' || cast(caf_year as varchar)
            when financing_rate is null then {{ parameter_fault("'caf.psu.financing_rate'", 'caf_year') }}
            when price_shape is null then {{ parameter_fault("'caf.psu.price_shape'", 'caf_year') }}
            when threshold_low is null then {{ parameter_fault("'caf.psu.threshold_low'", 'caf_year') }}
            when threshold_high is null then {{ parameter_fault("'caf.psu.threshold_high'", 'caf_year') }}
            when place in ('high', 'between') and price_high is null
                then {{ parameter_fault("'caf.psu.price_high_' || equipment", 'caf_year') }}
            when place = 'middle' and price_middle is null
                then {{ parameter_fault("'caf.psu.price_middle_' || equipment", 'caf_year') }}
            when place in ('low', 'between') and price_low is null
                then {{ parameter_fault("'caf.psu.price_low_' || equipment", 'caf_year') }}
            when {{ cost_fault() }} is not null then {{ cost_fault() }}
            when general_rate is null then 'regime_missing ' || cast(caf_year as varchar)
        end as fault
    from priced
),

retained as (
    select
        *,
        case when fault is null then least(cost_per_hour, price_cap) end as price_retained,
        case when fault is null and cost_per_hour < price_cap then 'cost' when fault is null then 'cap' end as limited_by
    from judged
),

funded as (
    select
        *,
        -- At its own cost an hour is a quotient: times the hours it is the charges, and no digit of it is lost.
        cast(financing_rate * cast(0.01 as decimal(3, 2)) as decimal(6, 4))
        * case
            when limited_by = 'cost' then cast({{ scaled('charge_cents', 2, 18) }} as decimal(32, 12))
            when limited_by = 'cap' then cast(price_retained as decimal(20, 10)) * cast(billed_hours as decimal(12, 2))
        end - contributions as exact_gross
    from retained
)
{%- endmacro %}
