{{ config(materialized='view') }}

-- Names are published once, and not with each stay: texts are most of what a row costs.
select
    stays.child_id,
    stays.service_id,
    stays.structure_id,
    people.child_ref,
    people.child_first_name,
    people.child_last_name,
    stays.class_label,
    places.structure_ref,
    places.structure_label,
    services.service_ref,
    services.service_label,
    services.service_kind,
    stays.day,
    stays.stay_no,
    stays.arrived_at,
    stays.left_at,
    stays.arrived_minute,
    stays.left_minute,
    stays.is_open,
    stays.is_departure_derived,
    stays.is_arrival_derived,
    stays.was_expected
from {{ ref('int_attendance__stays_told') }} as stays
inner join {{ ref('int_attendance__people_told') }} as people on stays.child_id = people.child_id
inner join {{ ref('int_attendance__places_told') }} as places on stays.structure_id = places.structure_id
inner join {{ ref('int_attendance__services_told') }} as services on stays.service_id = services.service_id
