select
    structures.structure_ref,
    structures.structure_label,
    psu.caf_year as year,
    psu.period,
    psu.realised_hours,
    psu.billed_hours,
    psu.invoicing_rate,
    psu.authorised_places,
    psu.charges,
    psu.cost_per_hour,
    psu.price_cap,
    psu.price_retained,
    psu.limited_by,
    psu.contributions,
    cast(psu.contribution_per_hour as decimal(18, 6)) as contribution_per_hour,
    psu.general_rate,
    psu.gross_amount,
    psu.amount,
    mixite.bonus_per_place as mixite_per_place,
    mixite.bonus as mixite_bonus,
    psu.fault,
    mixite.fault as mixite_fault
from {{ ref('int_caf__psu') }} as psu
left join {{ ref('int_caf__mixite') }} as mixite
    on psu.structure_id = mixite.structure_id and psu.caf_year = mixite.caf_year and psu.period = 'year'
inner join {{ ref('stg_records__structures') }} as structures on psu.structure_id = structures.structure_id
