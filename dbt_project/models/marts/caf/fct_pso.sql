select
    structures.structure_ref,
    structures.structure_label,
    pso.caf_year as year,
    pso.period,
    pso.kind,
    pso.hours,
    pso.wednesday_hours,
    pso.new_wednesday_hours,
    pso.aeeh_hours,
    pso.charges,
    pso.cost_per_hour,
    pso.price_cap,
    pso.price_retained,
    pso.limited_by,
    pso.general_rate,
    pso.amount,
    pso.plan_mercredi_amount,
    pso.inclusive_amount,
    pso.fault,
    pso.plan_fault,
    pso.inclusive_fault
from {{ ref('int_caf__pso') }} as pso
inner join {{ ref('stg_records__structures') }} as structures on pso.structure_id = structures.structure_id
