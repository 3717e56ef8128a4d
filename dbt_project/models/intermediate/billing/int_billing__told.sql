-- What the next invoices rest on, and what keeps lines from them. Months that are invoiced show only what waits.
select
    lines.*,
    persons.last_name as child_last_name
from {{ ref('int_billing__lines') }} as lines
inner join {{ ref('stg_records__persons') }} as persons on lines.child_id = persons.person_id
left join {{ ref('int_billing__months') }} as months on true
where months.last_month is null or lines.month > months.last_month or lines.status <> 'billable'
