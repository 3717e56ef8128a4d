with units as (
    select
        units.*,
        payers.payer_id,
        payers.family_id,
        payers.payer_fault,
        qf.qf_id,
        qf.qf_value,
        qf.qf_source,
        qf.qf_effective_from
    from {{ ref('int_pricing__units') }} as units
    inner join {{ ref('int_pricing__payers') }} as payers
        on units.child_id = payers.child_id
        and units.service_id = payers.service_id
        and units.day = payers.day
    left join {{ ref('int_pricing__qf') }} as qf
        on payers.payer_id = qf.payer_id and payers.day = qf.day and units.qf_rule = qf.qf_rule
),

service_dates as (
    select distinct
        service_id,
        day
    from units
),

-- A tariff has no end: the version begun last prices the day.
versions as (
    select
        service_dates.service_id,
        service_dates.day,
        versions.tariff_version_id,
        versions.valid_from,
        versions.tariff_decision,
        tariffs.tariff_label,
        row_number() over (
            partition by service_dates.service_id, service_dates.day
            order by versions.valid_from desc, versions.tariff_version_id desc
        ) as preference
    from service_dates
    inner join {{ ref('stg_records__tariffs') }} as tariffs on service_dates.service_id = tariffs.service_id
    inner join {{ ref('stg_records__tariff_versions') }} as versions
        on tariffs.tariff_id = versions.tariff_id and versions.valid_from <= service_dates.day
),

-- The first rule whose conditions all hold. Without a QF, a rule that asks for one stops the search: the line
-- waits for the QF rather than falling through to a rule meant for others.
matching as (
    select
        units.child_id,
        units.service_id,
        units.day,
        rules.tariff_rule_id,
        rules.rule_label,
        rules.qf_from,
        rules.qf_to,
        rules.unit_price,
        units.qf_value is null and (coalesce(rules.qf_from, 0) > 0 or rules.qf_to is not null) as is_qf_missing,
        row_number() over (
            partition by units.child_id, units.service_id, units.day order by rules.ordinal
        ) as preference
    from units
    inner join versions
        on units.service_id = versions.service_id and units.day = versions.day and versions.preference = 1
    inner join {{ ref('stg_records__tariff_rules') }} as rules
        on versions.tariff_version_id = rules.tariff_version_id
        and units.unit = rules.unit
        and (units.kind <> 'formula' or units.formula_code is not null)
        and (rules.category is null or rules.category = units.category)
        and (rules.formula_code is null or rules.formula_code = units.formula_code)
        and (rules.qf_from is null or units.qf_value is null or units.qf_value >= rules.qf_from)
        and (rules.qf_to is null or units.qf_value is null or units.qf_value < rules.qf_to)
),

met as (
    select
        units.*,
        versions.tariff_version_id,
        versions.tariff_label,
        versions.tariff_decision,
        versions.valid_from as tariff_valid_from,
        case
            when units.units = 0 or units.payer_fault is not null then null
            when units.kind = 'formula' and units.formula_code is null then 'formula_missing'
            when versions.tariff_version_id is null then 'tariff_missing'
            when matching.tariff_rule_id is null then 'tariff_gap'
            when matching.is_qf_missing then 'qf_missing'
        end as price_fault,
        matching.tariff_rule_id,
        matching.rule_label,
        matching.qf_from,
        matching.qf_to,
        matching.unit_price,
        coalesce(matching.is_qf_missing, false) as is_qf_missing
    from units
    left join versions
        on units.service_id = versions.service_id and units.day = versions.day and versions.preference = 1
    left join matching
        on units.child_id = matching.child_id
        and units.service_id = matching.service_id
        and units.day = matching.day
        and matching.preference = 1
)

select
    {{ line_key('persons.person_ref', 'services.service_ref', 'met.day', 'met.kind', 'payers.payer_ref') }}
        as line_key,
    met.child_id,
    met.service_id,
    met.day,
    met.kind,
    met.payer_id,
    met.family_id,
    met.structure_id,
    met.enrolment_id,
    coalesce(met.category, '') as category,
    met.situation,
    met.formula_code,
    met.unit,
    met.units,
    met.billed_minutes,
    met.rounding_minutes,
    met.arrived_minute,
    met.left_minute,
    met.is_arrival_derived,
    met.is_departure_derived,
    met.is_provisional,
    met.held_back,
    met.qf_id,
    met.qf_value,
    met.qf_source,
    met.qf_effective_from,
    met.tariff_version_id,
    met.tariff_label,
    met.tariff_decision,
    met.tariff_valid_from,
    coalesce(met.payer_fault, met.price_fault) as fault,
    case when not met.is_qf_missing then met.tariff_rule_id end as tariff_rule_id,
    case when not met.is_qf_missing then met.rule_label end as rule_label,
    case when not met.is_qf_missing then met.qf_from end as band_from,
    case when not met.is_qf_missing then met.qf_to end as band_to,
    case when not met.is_qf_missing then met.unit_price end as unit_price,
    case
        when coalesce(met.payer_fault, met.price_fault, met.held_back) is not null then null
        when met.units = 0 then cast(0 as decimal(12, 2))
        else {{ line_amount('met.units', 'met.unit_price') }}
    end as amount
from met
inner join {{ ref('stg_records__persons') }} as persons on met.child_id = persons.person_id
inner join {{ ref('stg_records__services') }} as services on met.service_id = services.service_id
left join {{ ref('stg_records__payers') }} as payers on met.payer_id = payers.payer_id
