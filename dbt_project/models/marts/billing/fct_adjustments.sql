select
    adjustments.line_key,
    {{ month_of('adjustments.day') }} as month,
    months.next_month as billed_with,
    adjustments.day,
    payers.payer_ref,
    persons.person_ref as child_ref,
    persons.first_name as child_first_name,
    services.service_ref,
    services.service_label,
    structures.structure_ref,
    structures.structure_label,
    adjustments.kind,
    adjustments.reason,
    adjustments.invoiced_amount,
    adjustments.due_amount,
    adjustments.adjustment_amount
from {{ ref('int_billing__adjustments') }} as adjustments
cross join {{ ref('int_billing__months') }} as months
inner join {{ ref('stg_records__payers') }} as payers on adjustments.payer_id = payers.payer_id
inner join {{ ref('stg_records__persons') }} as persons on adjustments.child_id = persons.person_id
inner join {{ ref('stg_records__services') }} as services on adjustments.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on adjustments.structure_id = structures.structure_id
