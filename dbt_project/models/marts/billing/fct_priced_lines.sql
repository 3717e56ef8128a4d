{{ config(materialized='view') }}

-- A row a day of the lines that were priced alike: what is published is these.
with days as (
    select
        told.*,
        {{ each_of('told.days') }} as on_day
    from {{ ref('int_pricing__told') }} as told
)

select
    ---------- keys
    {{ line_key('child_ref', 'service_ref', 'on_day.day', 'kind', 'payer_ref') }} as line_key,
    month,
    on_day.day,
    child_id,
    family_id,
    payer_id,
    service_id,
    structure_id,
    enrolment_id,
    tariff_version_id,
    tariff_rule_id,
    qf_id,
    income_id,
    ---------- who and where
    child_ref,
    child_first_name,
    family_ref,
    payer_ref,
    service_ref,
    service_label,
    service_kind,
    structure_ref,
    structure_label,
    ---------- what was recorded
    kind,
    situation,
    formula_label,
    on_day.arrived_minute,
    on_day.left_minute,
    on_day.is_departure_derived,
    on_day.is_arrival_derived,
    ---------- what is billed
    on_day.billed_minutes,
    rounding_minutes,
    rounding_on,
    rounding_mode,
    units,
    unit,
    unit_price,
    share_days,
    share_of_days,
    amount,
    ---------- why
    tariff_label,
    rule_label as tariff_rule_label,
    tariff_valid_from,
    tariff_decision,
    category,
    qf_value,
    qf_source,
    qf_effective_from,
    band_from,
    band_to,
    price_basis,
    monthly_income,
    children_count,
    residence,
    school_level as level,
    sibling_rank,
    price_steps,
    is_provisional,
    fault,
    held_back
from days
