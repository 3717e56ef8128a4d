-- The QF that a body's scale of aids asks for, by its own rule.
with aided as (
    select distinct
        payers.payer_id,
        payers.family_id,
        payers.day,
        scales.qf_day as qf_rule,
        {{ qf_reference_day('scales.qf_day', 'payers.day') }} as reference_day
    from {{ ref('stg_records__coverages') }} as coverages
    inner join {{ ref('stg_records__aid_scales') }} as scales on coverages.body_id = scales.body_id
    inner join {{ ref('stg_records__coverage_enrolments') }} as links on coverages.coverage_id = links.coverage_id
    inner join {{ ref('stg_records__enrolments') }} as enrolments on links.enrolment_id = enrolments.enrolment_id
    inner join {{ ref('int_pricing__payers') }} as payers
        on enrolments.child_id = payers.child_id
        and enrolments.service_id = payers.service_id
        and coverages.valid_from <= payers.day
        and (coverages.valid_to is null or payers.day < coverages.valid_to)
    where coverages.form = 'scale' and payers.payer_id is not null
),

asked as (
    select distinct
        payers.payer_id,
        payers.family_id,
        payers.day,
        units.qf_rule,
        {{ qf_reference_day('units.qf_rule', 'payers.day') }} as reference_day
    from {{ ref('int_pricing__payers') }} as payers
    inner join {{ ref('int_pricing__units') }} as units
        on payers.child_id = units.child_id
        and payers.service_id = units.service_id
        and payers.day = units.day
    where payers.payer_id is not null
    union
    select * from aided
),

-- A QF that another one corrects no longer counts; nothing is ever deleted.
standing as (
    select qfs.*
    from {{ ref('stg_records__qfs') }} as qfs
    where
        qfs.qf_id not in (
            select correcting.replaces_id from {{ ref('stg_records__qfs') }} as correcting
            where correcting.replaces_id is not null
        )
),

candidates as (
    select
        asked.payer_id,
        asked.day,
        asked.qf_rule,
        standing.qf_id,
        standing.qf_value,
        standing.qf_source,
        standing.effective_from,
        standing.recorded_at,
        standing.payer_id is not null as is_own,
        standing.qf_source <> 'default' as is_known,
        standing.effective_from > asked.reference_day as is_later
    from asked
    inner join standing
        on asked.family_id = standing.family_id
        and (standing.payer_id is null or standing.payer_id = asked.payer_id)
        and standing.effective_from <= asked.day
),

-- On the reference day the last to take effect holds, then the last recorded. After it, the first known one.
ranked as (
    select
        *,
        row_number() over (
            partition by payer_id, day, qf_rule, is_own, is_later
            order by
                is_later and not is_known, case when is_later then effective_from end, effective_from desc,
                recorded_at desc, qf_id desc
        ) as place
    from candidates
),

-- The payer's own QF comes before the whole file's. One that takes effect later counts only while none is known.
preferred as (
    select
        *,
        row_number() over (
            partition by payer_id, day, qf_rule order by is_own desc, is_known desc, is_later
        ) as preference
    from ranked
    where place = 1
)

select
    payer_id,
    day,
    qf_rule,
    qf_id,
    qf_value,
    qf_source,
    effective_from as qf_effective_from
from preferred
where preference = 1
