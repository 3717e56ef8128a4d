{{ config(materialized='view') }}

-- Each line by itself: lines alike, a row a day.
with days as (
    select
        told.*,
        {{ each_of('told.days') }} as on_day
    from {{ ref('int_pricing__told') }} as told
)

select
    {{ line_key('child_ref', 'service_ref', 'on_day.day', 'kind', 'payer_ref') }} as line_key,
    child_id,
    service_id,
    on_day.day,
    kind,
    payer_id,
    family_id,
    structure_id,
    enrolment_id,
    category,
    situation,
    formula_code,
    unit,
    units,
    on_day.billed_minutes,
    rounded_minutes,
    minutes_over,
    day_count,
    share_days,
    share_of_days,
    rounding_minutes,
    rounding_on,
    rounding_mode,
    on_day.arrived_minute,
    on_day.left_minute,
    on_day.is_arrival_derived,
    on_day.is_departure_derived,
    is_provisional,
    held_back,
    qf_id,
    qf_value,
    qf_source,
    qf_effective_from,
    income_id,
    monthly_income,
    children_count,
    residence,
    school_level,
    sibling_rank,
    tariff_version_id,
    tariff_label,
    tariff_decision,
    tariff_valid_from,
    fault,
    tariff_rule_id,
    rule_label,
    band_from,
    band_to,
    price_basis,
    unit_price,
    amount,
    price_steps
from days
