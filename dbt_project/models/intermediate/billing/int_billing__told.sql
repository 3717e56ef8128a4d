-- What the next invoices rest on, and what keeps lines from them. Months that are invoiced show only what waits.
select
    lines.line_key,
    lines.month,
    lines.payer_ref,
    lines.status,
    lines.covered_amount,
    lines.due_amount
from {{ ref('int_billing__lines') }} as lines
left join {{ ref('int_billing__months') }} as months on true
where months.last_month is null or lines.month > months.last_month or lines.status <> 'billable'
