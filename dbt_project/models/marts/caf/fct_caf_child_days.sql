{{ config(materialized='view') }}

-- The child-days that all figures are sums of are published as they are counted, once.
select
    structure_ref,
    service_ref,
    child_ref,
    day,
    caf_kind,
    caf_hour_rule,
    period,
    age_group,
    is_under_4,
    regime_group,
    is_aeeh,
    is_present,
    is_declared,
    counts_billed,
    realised_minutes,
    billed_minutes,
    contribution,
    fault,
    held_back
from {{ ref('int_caf__child_days') }}
