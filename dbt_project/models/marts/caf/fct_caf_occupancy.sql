select
    structures.structure_ref,
    structures.structure_label,
    occupancy.week,
    occupancy.open_days,
    occupancy.places,
    occupancy.capacity_minutes,
    occupancy.realised_minutes,
    occupancy.billed_minutes,
    occupancy.occupancy_realised,
    occupancy.occupancy_billed,
    occupancy.peak,
    occupancy.most_children,
    occupancy.over_100,
    occupancy.over_115,
    occupancy.is_alert,
    occupancy.fault
from {{ ref('int_caf__occupancy') }} as occupancy
inner join {{ ref('stg_records__structures') }} as structures on occupancy.structure_id = structures.structure_id
