-- Every line to be priced, with who pays it: those of a day here; packages and contracts bring their own payers.
select
    units.*,
    payers.payer_id,
    payers.family_id,
    payers.payer_fault
from {{ ref('int_pricing__units') }} as units
inner join {{ ref('int_pricing__payers') }} as payers
    on units.child_id = payers.child_id
    and units.service_id = payers.service_id
    and units.day = payers.day
