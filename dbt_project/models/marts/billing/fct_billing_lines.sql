-- What the next invoices rest on, and what keeps a line from them. Months that are invoiced show only what waits.
select
    lines.line_key,
    lines.month,
    lines.day,
    lines.status,
    coalesce(payers.payer_ref, '') as payer_ref,
    persons.person_ref as child_ref,
    persons.first_name as child_first_name,
    persons.last_name as child_last_name,
    services.service_ref,
    services.service_label,
    structures.structure_ref,
    structures.structure_label,
    lines.kind,
    lines.unit,
    lines.units,
    lines.unit_price,
    lines.amount,
    lines.covered_amount,
    lines.due_amount
from {{ ref('int_billing__lines') }} as lines
inner join {{ ref('stg_records__persons') }} as persons on lines.child_id = persons.person_id
inner join {{ ref('stg_records__services') }} as services on lines.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on lines.structure_id = structures.structure_id
left join {{ ref('stg_records__payers') }} as payers on lines.payer_id = payers.payer_id
left join {{ ref('int_billing__months') }} as months on true
where months.last_month is null or lines.month > months.last_month or lines.status <> 'billable'
