-- Where a line of an invoiced month is not what was invoiced of it. What was invoiced is never rewritten: the
-- difference comes on the next invoice. A payer who changed has another key: credit to one, debit to the other.
with issued_months as (
    select month from {{ ref('stg_records__billing_runs') }}
    where state = 'issued'
),

invoiced_days as (
    select
        lines.*,
        {{ each_of('lines.days') }} as on_day
    from {{ ref('int_billing__lines') }} as lines
    inner join issued_months on lines.month = issued_months.month
),

lines as (
    select
        {{ line_key('child_ref', 'service_ref', 'on_day.day', 'kind', 'payer_ref') }} as line_key,
        payer_id,
        child_id,
        service_id,
        structure_id,
        on_day.day,
        month,
        kind,
        due_amount,
        status
    from invoiced_days
),

-- While what happened that day is not settled, nothing is given back either.
unsettled as (
    select distinct
        child_id,
        service_id,
        day,
        kind
    from lines
    where status <> 'billable'
),

compared as (
    select
        coalesce(lines.line_key, invoiced.line_key) as line_key,
        coalesce(lines.payer_id, invoiced.payer_id) as payer_id,
        coalesce(lines.child_id, invoiced.child_id) as child_id,
        coalesce(lines.service_id, invoiced.service_id) as service_id,
        coalesce(lines.structure_id, invoiced.structure_id) as structure_id,
        coalesce(lines.day, invoiced.day) as day,
        coalesce(lines.month, invoiced.month) as month,
        coalesce(lines.kind, invoiced.kind) as kind,
        coalesce(invoiced.invoiced_amount, 0) as invoiced_amount,
        coalesce(lines.due_amount, 0) as due_amount,
        invoiced.line_key is not null as was_invoiced,
        lines.line_key is not null as stands
    from lines
    full outer join {{ ref('int_billing__invoiced') }} as invoiced on lines.line_key = invoiced.line_key
)

select
    compared.line_key,
    compared.payer_id,
    compared.child_id,
    compared.service_id,
    compared.structure_id,
    compared.day,
    compared.kind,
    cast(compared.invoiced_amount as decimal(12, 2)) as invoiced_amount,
    cast(compared.due_amount as decimal(12, 2)) as due_amount,
    cast(compared.due_amount - compared.invoiced_amount as decimal(12, 2)) as adjustment_amount,
    case
        when not compared.was_invoiced then 'late'
        when not compared.stands then 'gone'
        else 'changed'
    end as reason
from compared
inner join {{ ref('int_billing__closed_months') }} as closed
    on compared.structure_id = closed.structure_id and compared.month = closed.month
left join unsettled
    on compared.child_id = unsettled.child_id
    and compared.service_id = unsettled.service_id
    and compared.day = unsettled.day
    and compared.kind = unsettled.kind
where compared.due_amount <> compared.invoiced_amount and unsettled.child_id is null
