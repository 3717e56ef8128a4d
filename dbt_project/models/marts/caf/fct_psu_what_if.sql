select
    structures.structure_ref,
    what_if.caf_year as year,
    what_if.cause,
    coalesce(reasons.reason_label, '') as reason_label,
    what_if.percent_less,
    what_if.rounding_minutes,
    what_if.last_month,
    what_if.cost_year,
    what_if.cost_part as cost_period,
    what_if.realised_hours,
    what_if.billed_hours,
    what_if.invoicing_rate,
    what_if.price_cap,
    what_if.price_retained,
    what_if.limited_by,
    what_if.contributions,
    what_if.amount,
    what_if.fault
from {{ ref('int_caf__psu_what_if') }} as what_if
inner join {{ ref('stg_records__structures') }} as structures on what_if.structure_id = structures.structure_id
left join {{ ref('stg_records__absence_reasons') }} as reasons on what_if.absence_reason_id = reasons.absence_reason_id
