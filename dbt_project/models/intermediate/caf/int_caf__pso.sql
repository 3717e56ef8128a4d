-- What the CAF owes a place for its leisure centre, by kind (CAF notes §2.3): a share of the cost of an hour, up to a
-- cap; then what new Wednesday hours of a labelled site and the hours of children with AEEH add.
with periods as (
    {{ caf_parts() }}
),

sums as (
    select
        structure_id,
        cast(extract(year from month) as integer) as caf_year,
        periods.period as caf_part,
        {{ caf_activity('caf_kind') }} as kind,
        cast(sum(realised_minutes) as bigint) as minutes,
        cast(sum(case when regime_group = 'RG' then realised_minutes else 0 end) as bigint) as general_minutes,
        cast(sum(case when is_aeeh then realised_minutes else 0 end) as bigint) as aeeh_minutes,
        cast(sum(case when caf_kind = 'periscolaire_wednesday' then realised_minutes else 0 end) as bigint) as wednesday_minutes
    from {{ ref('int_caf__sums') }} as months
    inner join periods on extract(month from months.month) <= periods.last_month
    group by
        structure_id, cast(extract(year from month) as integer), periods.period, {{ caf_activity('caf_kind') }}
),

scale as (
    select
        caf_year,
        {{ parameter_value('caf.pso.cost_rate') }} as cost_rate,
        {{ parameter_value('caf.pso.price_cap_periscolaire') }} as cap_periscolaire,
        {{ parameter_value('caf.pso.price_cap_extrascolaire') }} as cap_extrascolaire,
        {{ parameter_value('caf.pso.price_cap_youth') }} as cap_youth,
        {{ parameter_value('caf.pso.plan_mercredi_rate') }} as plan_rate,
        {{ parameter_value('caf.pso.inclusive_rate') }} as inclusive_rate,
        {{ parameter_value('caf.pso.supplement_share') }} as supplement_share
    from {{ ref('int_caf__year_values') }} as parameters
    group by caf_year
),

declared as (
    select
        sums.structure_id,
        sums.caf_year,
        sums.caf_part,
        sums.kind,
        {{ hours_of('sums.minutes') }} as hours,
        {{ hours_of('sums.aeeh_minutes') }} as aeeh_hours,
        {{ hours_of('sums.wednesday_minutes') }} as wednesday_hours,
        {{ hours_of('settings.reference_wednesday_minutes') }} as reference_hours,
        coalesce(settings.has_plan_mercredi, false) as has_plan_mercredi,
        costs.charge_cents,
        coalesce(costs.is_over, false) as is_over,
        scale.cost_rate,
        case sums.kind
            when 'periscolaire' then scale.cap_periscolaire
            when 'extrascolaire' then scale.cap_extrascolaire
            else scale.cap_youth
        end as price_cap,
        scale.plan_rate,
        scale.inclusive_rate,
        scale.supplement_share,
        case
            when settings.general_regime_rate is not null then cast(settings.general_regime_rate as decimal(5, 4))
            when sums.minutes > 0 then {{ signed_ratio('sums.general_minutes', 'sums.minutes', 4, 5) }}
        end as general_rate
    from sums
    left join {{ ref('int_caf__settings') }} as settings
        on sums.structure_id = settings.structure_id and sums.caf_year = settings.caf_year
    left join {{ ref('int_caf__costs') }} as costs
        on sums.structure_id = costs.structure_id
        and sums.caf_year = costs.caf_year
        and sums.caf_part = costs.period
        and sums.kind = costs.activity
    left join scale on sums.caf_year = scale.caf_year
    where sums.kind in ('periscolaire', 'extrascolaire', 'youth')
),

rated as (
    select
        *,
        case when charge_cents >= 0 and hours > 0 then {{ exact_ratio('charge_cents', hundredths('hours')) }} end
            as cost_per_hour,
        cast(
            case when wednesday_hours < reference_hours then 0 else wednesday_hours - reference_hours end as decimal(18, 2)
        ) as new_wednesday_hours,
        case when supplement_share = 2 then general_rate when supplement_share = 1 then cast(1 as decimal(5, 4)) end
            as supplement_rate
    from declared
),

judged as (
    select
        *,
        cast(
            cast(cost_rate * cast(0.01 as decimal(3, 2)) as decimal(6, 4)) * cast(cost_per_hour as decimal(20, 10))
            as decimal(18, 10)
        ) as cost_share,
        case
            when hours <= 0 then 'realised_missing ' || cast(caf_year as varchar)
            when cost_rate is null then {{ parameter_fault("'caf.pso.cost_rate'", 'caf_year') }}
            when price_cap is null then {{ parameter_fault("'caf.pso.price_cap_' || kind", 'caf_year') }}
            when {{ cost_fault() }} is not null then {{ cost_fault() }}
        end as fault,
        case
            when kind <> 'periscolaire' or not has_plan_mercredi or wednesday_hours = 0 then null
            -- The reference is a whole year's hours.
            when caf_part <> 'year' or not is_over then {{ accounts_fault('whole_year_only') }}
            when reference_hours is null then 'reference_wednesday_missing ' || cast(caf_year as varchar)
            when plan_rate is null then {{ parameter_fault("'caf.pso.plan_mercredi_rate'", 'caf_year') }}
            when supplement_rate is null then {{ parameter_fault("'caf.pso.supplement_share'", 'caf_year') }}
        end as plan_fault,
        case
            when aeeh_hours = 0 then null
            when inclusive_rate is null then {{ parameter_fault("'caf.pso.inclusive_rate'", 'caf_year') }}
            when supplement_rate is null then {{ parameter_fault("'caf.pso.supplement_share'", 'caf_year') }}
        end as inclusive_fault
    from rated
),

retained as (
    select
        *,
        case when fault is null then least(cost_share, cast(price_cap as decimal(18, 10))) end as price_retained,
        case when fault is null and cost_share < price_cap then 'cost' when fault is null then 'cap' end as limited_by
    from judged
)

select
    structure_id,
    caf_year,
    caf_part as period,
    kind,
    hours,
    wednesday_hours,
    case when has_plan_mercredi and kind = 'periscolaire' and caf_part = 'year' and is_over then new_wednesday_hours end as new_wednesday_hours,
    aeeh_hours,
    {{ scaled('charge_cents', 2, 18) }} as charges,
    cast(cost_per_hour as decimal(18, 6)) as cost_per_hour,
    cast(price_cap as decimal(18, 6)) as price_cap,
    cast(price_retained as decimal(18, 6)) as price_retained,
    limited_by,
    general_rate,
    -- At its own cost an hour is a quotient: times the hours it is a share of the charges, and no digit of it is lost.
    case
        when limited_by = 'cost'
            then {{ to_the_cent(
                "cast(cost_rate * cast(0.01 as decimal(3, 2)) as decimal(6, 4)) * cast("
                ~ scaled('charge_cents', 2, 14) ~ " as decimal(14, 2)) * general_rate"
            ) }}
        else {{ to_the_cent('cast(price_retained as decimal(20, 10)) * cast(hours as decimal(12, 2)) * general_rate') }}
    end as amount,
    case
        when kind = 'periscolaire' and has_plan_mercredi and plan_fault is null
            then {{ to_the_cent('cast(new_wednesday_hours as decimal(20, 2)) * cast(plan_rate as decimal(12, 6)) * supplement_rate') }}
    end as plan_mercredi_amount,
    case
        when aeeh_hours > 0 and inclusive_fault is null
            then {{ to_the_cent('cast(aeeh_hours as decimal(20, 2)) * cast(inclusive_rate as decimal(12, 6)) * supplement_rate') }}
    end as inclusive_amount,
    fault,
    {{ cost_fault() }} as cost_fault,
    plan_fault,
    inclusive_fault
from retained
