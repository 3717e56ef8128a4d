select
    structures.structure_ref,
    structures.structure_label,
    controls.caf_year as year,
    controls.control,
    coalesce(persons.person_ref, '') as child_ref,
    coalesce(services.service_ref, '') as service_ref,
    controls.day,
    controls.quantity
from {{ ref('int_caf__controls') }} as controls
inner join {{ ref('stg_records__structures') }} as structures on controls.structure_id = structures.structure_id
left join {{ ref('stg_records__persons') }} as persons on controls.child_id = persons.person_id
left join {{ ref('stg_records__services') }} as services on controls.service_id = services.service_id
