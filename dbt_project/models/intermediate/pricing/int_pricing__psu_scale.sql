-- The State's scale by dates: a rate in millionths by care and number of children, and the bounds of monthly income.
with parameters as (
    select
        parameter_id,
        valid_from,
        parameter_value
    from {{ ref('stg_records__parameters') }}
    where parameter_id like 'caf.eaje.%'
),

rates as (
    select distinct
        parameter_id,
        case when parameter_id like '%.collective_%' then 'collective' else 'family' end as basis,
        cast(regexp_extract(parameter_id, '_([0-9]+)$', 1) as integer) as children_from
    from parameters
    where parameter_id like 'caf.eaje.rates.%'
),

steps as (
    select
        parameter_id,
        basis,
        children_from,
        lead(children_from) over (partition by basis order by children_from) as children_to
    from rates
),

changes as (
    select distinct valid_from from parameters
),

ranges as (
    select
        valid_from,
        lead(valid_from) over (order by valid_from) as valid_to
    from changes
)

select
    steps.basis,
    steps.children_from,
    steps.children_to,
    ranges.valid_from,
    ranges.valid_to,
    cast({{ last_by(
        "case when parameters.parameter_id = steps.parameter_id then parameters.parameter_value end",
        "case when parameters.parameter_id = steps.parameter_id then parameters.valid_from end"
    ) }} * 10000 as bigint) as rate_e6,
    cast({{ last_by(
        "case when parameters.parameter_id = 'caf.eaje.monthly_income_floor' then parameters.parameter_value end",
        "case when parameters.parameter_id = 'caf.eaje.monthly_income_floor' then parameters.valid_from end"
    ) }} * 100 as bigint) as floor_cents,
    cast({{ last_by(
        "case when parameters.parameter_id = 'caf.eaje.monthly_income_ceiling' then parameters.parameter_value end",
        "case when parameters.parameter_id = 'caf.eaje.monthly_income_ceiling' then parameters.valid_from end"
    ) }} * 100 as bigint) as ceiling_cents
from steps
cross join ranges
inner join parameters on parameters.valid_from <= ranges.valid_from
group by steps.basis, steps.children_from, steps.children_to, ranges.valid_from, ranges.valid_to
