-- The causes of a month, each with the hours it adds to what is billed, and those that it adds to what is realised.
with causes as (
    select
        structure_id,
        {{ month_of('day') }} as month,
        cause,
        absence_reason_id,
        cast(gap_minutes as decimal(18, 4)) as billed_minutes,
        cast(0 as bigint) as realised_minutes
    from {{ ref('int_caf__gaps') }}
    union all
    select
        structure_id,
        {{ month_of('day') }} as month,
        'contract_months' as cause,
        cast(null as bigint) as absence_reason_id,
        cast(contract_gap_minutes as decimal(18, 4)) as billed_minutes,
        cast(0 as bigint) as realised_minutes
    from {{ ref('int_caf__gaps') }}
    union all
    -- Rounding moves both sides where the bill follows the stay, one where a contract is billed.
    select
        structure_id,
        {{ month_of('day') }} as month,
        'rounding' as cause,
        cast(null as bigint) as absence_reason_id,
        cast(case when is_under_contract then 0 else realised_minutes - raw_minutes end as decimal(18, 4)) as billed_minutes,
        cast(realised_minutes - raw_minutes as bigint) as realised_minutes
    from {{ ref('int_caf__gaps') }}
)

select
    structure_id,
    month,
    cause,
    absence_reason_id,
    cast(sum(billed_minutes) as decimal(18, 4)) as billed_minutes,
    cast(sum(realised_minutes) as bigint) as realised_minutes
from causes
group by structure_id, month, cause, absence_reason_id
having sum(billed_minutes) <> 0 or sum(realised_minutes) <> 0
