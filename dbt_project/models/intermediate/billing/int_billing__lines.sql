-- What a family owes for each of lines alike, and whether they may be invoiced yet.
with told as (
    select * from {{ ref('int_pricing__told') }}
    where units <> 0 or fault is not null or held_back is not null
),

-- The one place where the shares of third parties come off a line: what bodies pay of it. A line that a body may pay
-- stands alone (int_pricing__circumstances).
covered as (
    select
        line_key,
        cast(sum(amount) as decimal(12, 2)) as covered_amount
    from {{ ref('int_pricing__covered') }}
    group by line_key
)

select
    told.line_key,
    told.child_id,
    told.service_id,
    told.structure_id,
    told.payer_id,
    told.day,
    told.month,
    told.kind,
    told.line_count,
    told.days,
    told.child_ref,
    told.payer_ref,
    told.service_ref,
    told.amount,
    coalesce(covered.covered_amount, 0) as covered_amount,
    cast(told.amount - coalesce(covered.covered_amount, 0) as decimal(12, 2)) as due_amount,
    case
        when told.fault is not null then 'fault'
        when told.held_back is not null then 'held_back'
        when told.is_provisional then 'provisional'
        when closed.structure_id is null then 'not_confirmed'
        else 'billable'
    end as status
from told
left join covered on told.line_key = covered.line_key
left join {{ ref('int_billing__closed_months') }} as closed
    on told.structure_id = closed.structure_id and told.month = closed.month
