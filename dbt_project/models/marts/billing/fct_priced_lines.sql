with priced as (
    select * from {{ ref('int_pricing__priced') }}
)

select
    ---------- keys
    priced.line_key,
    {{ month_of('priced.day') }} as month,
    priced.day,
    priced.child_id,
    priced.family_id,
    priced.payer_id,
    priced.service_id,
    priced.structure_id,
    priced.enrolment_id,
    priced.tariff_version_id,
    priced.tariff_rule_id,
    priced.qf_id,
    priced.income_id,
    ---------- who and where
    persons.person_ref as child_ref,
    persons.first_name as child_first_name,
    coalesce(families.family_ref, '') as family_ref,
    coalesce(payers.payer_ref, '') as payer_ref,
    services.service_ref,
    services.service_label,
    services.service_kind,
    structures.structure_ref,
    structures.structure_label,
    ---------- what was recorded
    priced.kind,
    priced.situation,
    formulas.formula_label,
    priced.arrived_minute,
    priced.left_minute,
    priced.is_departure_derived,
    priced.is_arrival_derived,
    ---------- what is billed
    priced.billed_minutes,
    priced.rounding_minutes,
    priced.rounding_on,
    priced.rounding_mode,
    priced.units,
    priced.unit,
    priced.unit_price,
    priced.share_days,
    priced.share_of_days,
    priced.amount,
    ---------- why
    priced.tariff_label,
    priced.rule_label as tariff_rule_label,
    priced.tariff_valid_from,
    priced.tariff_decision,
    priced.category,
    priced.qf_value,
    priced.qf_source,
    priced.qf_effective_from,
    priced.band_from,
    priced.band_to,
    priced.monthly_income,
    priced.children_count,
    priced.residence,
    priced.school_level as level,
    priced.sibling_rank,
    priced.price_steps,
    priced.is_provisional,
    priced.fault,
    priced.held_back
from priced
inner join {{ ref('stg_records__persons') }} as persons on priced.child_id = persons.person_id
inner join {{ ref('stg_records__services') }} as services on priced.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on priced.structure_id = structures.structure_id
left join {{ ref('stg_records__families') }} as families on priced.family_id = families.family_id
left join {{ ref('stg_records__payers') }} as payers on priced.payer_id = payers.payer_id
left join {{ ref('stg_records__service_formulas') }} as formulas
    on priced.service_id = formulas.service_id and priced.formula_code = formulas.formula_code
