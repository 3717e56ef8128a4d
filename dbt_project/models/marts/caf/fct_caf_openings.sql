select
    structures.structure_ref,
    structures.structure_label,
    openings.block,
    openings.caf_kind,
    openings.day,
    cast(openings.minutes as integer) as minutes,
    cast(openings.places as integer) as places
from {{ ref('int_caf__openings') }} as openings
inner join {{ ref('stg_records__structures') }} as structures on openings.structure_id = structures.structure_id
