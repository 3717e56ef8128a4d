select
    covered.line_key,
    {{ month_of('covered.day') }} as month,
    covered.day,
    coverages.coverage_ref,
    coverages.coverage_kind,
    coverages.decision_number,
    bodies.body_ref,
    bodies.body_name,
    bodies.body_kind,
    covered.rank,
    coverages.unit,
    covered.units,
    covered.amount,
    payers.payer_ref,
    coalesce(families.family_ref, '') as family_ref,
    persons.person_ref as child_ref,
    persons.first_name as child_first_name,
    persons.last_name as child_last_name,
    services.service_ref,
    services.service_label,
    structures.structure_ref,
    structures.structure_label
from {{ ref('int_pricing__covered') }} as covered
inner join {{ ref('stg_records__coverages') }} as coverages on covered.coverage_id = coverages.coverage_id
inner join {{ ref('stg_records__paying_bodies') }} as bodies on coverages.body_id = bodies.body_id
inner join {{ ref('stg_records__payers') }} as payers on covered.payer_id = payers.payer_id
inner join {{ ref('stg_records__persons') }} as persons on covered.child_id = persons.person_id
inner join {{ ref('stg_records__services') }} as services on covered.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on covered.structure_id = structures.structure_id
left join {{ ref('stg_records__families') }} as families on covered.family_id = families.family_id
