-- The régime group of a family file over ranges of days: of the funds of one day the last recorded stands. Which group
-- a fund is in changes by law: it is the State's for that day; as recorded for a fund, or a day, the State says nothing of.
with ranked as (
    select
        family_id,
        effective_from,
        regime_code,
        recorded_group,
        row_number() over (
            partition by family_id, effective_from order by recorded_at desc, regime_id desc
        ) as preference
    from {{ ref('stg_records__regimes') }}
),

funds as (
    select
        family_id,
        effective_from as valid_from,
        lead(effective_from) over (partition by family_id order by effective_from) as valid_to,
        regime_code,
        recorded_group
    from ranked
    where preference = 1
),

codes as (
    select distinct regime_code from funds
),

state_groups as (
    select
        codes.regime_code,
        parameters.valid_from,
        parameters.valid_to,
        case parameters.parameter_value when 1 then 'RG' when 2 then 'MSA' when 3 then 'AUTRE' else 'INCONNU' end as state_group
    from codes
    inner join {{ ref('stg_records__parameters') }} as parameters
        on parameters.parameter_id = 'caf.regimes.' || codes.regime_code
),

-- From the first of days, so that each day of a fund is in one range and no other.
said as (
    select
        regime_code,
        valid_from,
        valid_to,
        state_group
    from state_groups
    union all
    select
        codes.regime_code,
        cast('0001-01-01' as date) as valid_from,
        min(state_groups.valid_from) as valid_to,
        cast(null as varchar) as state_group
    from codes
    left join state_groups on codes.regime_code = state_groups.regime_code
    group by codes.regime_code
)

select
    funds.family_id,
    greatest(funds.valid_from, said.valid_from) as valid_from,
    case
        when funds.valid_to is null or said.valid_to < funds.valid_to then said.valid_to
        else funds.valid_to
    end as valid_to,
    coalesce(said.state_group, funds.recorded_group) as regime_group
from funds
inner join said
    on funds.regime_code = said.regime_code
    and (said.valid_to is null or funds.valid_from < said.valid_to)
    and (funds.valid_to is null or said.valid_from < funds.valid_to)
