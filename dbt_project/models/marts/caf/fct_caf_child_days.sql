{{ config(materialized='view') }}

-- The child-days that all figures are sums of are published as they are counted, once, and named here.
select
    places.structure_ref,
    services.service_ref,
    people.child_ref,
    child_days.day,
    child_days.caf_kind,
    child_days.caf_hour_rule,
    child_days.period,
    child_days.age_group,
    child_days.is_under_4,
    child_days.regime_group,
    child_days.is_aeeh,
    child_days.is_present,
    child_days.is_declared,
    child_days.counts_billed,
    child_days.realised_minutes,
    child_days.billed_minutes,
    child_days.contribution,
    child_days.fault,
    child_days.held_back
from {{ ref('int_caf__child_days') }} as child_days
inner join {{ ref('int_attendance__people_told') }} as people on child_days.child_id = people.child_id
inner join {{ ref('int_attendance__places_told') }} as places on child_days.structure_id = places.structure_id
inner join {{ ref('int_attendance__services_told') }} as services on child_days.service_id = services.service_id
