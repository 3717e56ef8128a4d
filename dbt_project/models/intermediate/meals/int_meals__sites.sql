-- What a site of the forecast is called: its place and its service.
select distinct
    {{ meal_site('covers') }} as site,
    structures.structure_ref,
    structures.structure_label,
    services.service_ref,
    services.service_label
from {{ ref('int_meals__covers') }} as covers
inner join {{ ref('stg_records__services') }} as services on covers.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on covers.structure_id = structures.structure_id
