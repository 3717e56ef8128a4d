-- What a family owes for each priced line, and whether it may be invoiced yet.
with priced as (
    select
        line_key,
        child_id,
        service_id,
        structure_id,
        payer_id,
        day,
        {{ month_of('day') }} as month,
        kind,
        unit,
        units,
        unit_price,
        amount,
        fault,
        held_back,
        is_provisional
    from {{ ref('int_pricing__priced') }}
    where units <> 0 or fault is not null or held_back is not null
),

-- The one place where the shares of third parties come off a line: one row per line_key, what bodies pay of it.
covered as (
    select
        line_key,
        cast(sum(amount) as decimal(12, 2)) as covered_amount
    from {{ ref('int_pricing__covered') }}
    group by line_key
)

select
    priced.line_key,
    priced.child_id,
    priced.service_id,
    priced.structure_id,
    priced.payer_id,
    priced.day,
    priced.month,
    priced.kind,
    priced.unit,
    priced.units,
    priced.unit_price,
    priced.amount,
    coalesce(covered.covered_amount, 0) as covered_amount,
    cast(priced.amount - coalesce(covered.covered_amount, 0) as decimal(12, 2)) as due_amount,
    case
        when priced.fault is not null then 'fault'
        when priced.held_back is not null then 'held_back'
        when priced.is_provisional then 'provisional'
        when closed.structure_id is null then 'not_confirmed'
        else 'billable'
    end as status
from priced
left join covered on priced.line_key = covered.line_key
left join {{ ref('int_billing__closed_months') }} as closed
    on priced.structure_id = closed.structure_id and priced.month = closed.month
